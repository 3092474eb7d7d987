-- Names of teas; a semicolon in a comment ends nothing;
CREATE TABLE names (name varchar(50) NOT NULL PRIMARY KEY);
CREATE TABLE changes (name varchar(50) NOT NULL);
-- atlas: on sqlite
CREATE TRIGGER names_change AFTER UPDATE ON names BEGIN
    INSERT INTO changes VALUES (old.name);
END;
-- atlas: on all
INSERT INTO names VALUES ('sencha'), ('a;b');
