DROP TABLE changes;
DROP TABLE names;
