-- Adds jobs. Answers for each: 'n'ew with its state, 'e'xisting, 'c'hanged.
local answers = add_from(1)
settle()
return answers
