-- Adds jobs. Answers for each: its state if it is new, or an 'e'xisting or 'c'hanged one.
local answers = add_from(1)
settle()
return answers
