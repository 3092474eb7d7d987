-- Drops jobs of a terminal state that finished longer ago than this: state, age, the most jobs. Answers how many.
local before = math.max(now - tonumber(ARGV[2]), 0)
local ids = call('ZRANGEBYSCORE', P .. 'e:' .. ARGV[1], '-inf', '(' .. text(before), 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  remove(id, load(id))
end
settle()
return #ids
