-- Drops jobs of a terminal state that finished longer ago than this: state, age, the most jobs. Answers how many.
local before = math.max(now - tonumber(ARGV[2]), 0)
local ids = call('ZRANGEBYSCORE', ENDED[ARGV[1]], '-inf', '(' .. TEXT[before], 'LIMIT', 0, ARGV[3])
meet(ids)
for _, id in ipairs(ids) do
  remove(id, load(id))
end
settle()
return #ids
