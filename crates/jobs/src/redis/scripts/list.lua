-- Jobs that a filter meets, newest first: the filter, the most jobs, and where to go on. It looks at so many at most, and
-- answers with where it stopped, or nothing at the end.
local LOOKED = 1000
local filter, limit, after = cjson.decode(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local from = after == '' and '+' or '(' .. after
local ids = call('ZREVRANGEBYLEX', IDS, from, '-', 'LIMIT', 0, LOOKED)
local found = {}
meet(ids)
for _, id in ipairs(ids) do
  if #found == limit then break end
  local job = load(id)
  if job and meets(filter, job) then found[#found + 1] = id end
end
local more = #ids == LOOKED and #found < limit and ids[LOOKED]
return {more, show(found)}
