-- Goes through jobs of a terminal state, the one that ended first before the others, and drops those that a filter meets
-- ('d'), or lets them begin anew ('b'). Arguments: which, the state, the filter, the most jobs, the job after which to go
-- on and how many are before it, the time of the first one or nothing, how much later each further one is, and names,
-- where the filter says some. It looks at so many at most, and answers with the time of the first one, how many it met,
-- where it stopped or nothing at the end, and how many are before that.
local LOOKED = 500
local what, state, filter, limit = ARGV[1], tonumber(ARGV[2]), cjson.decode(ARGV[3]), tonumber(ARGV[4])
local last, before, start, spacing = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]) or now, tonumber(ARGV[8])
local set, ids, count, stopped = ENDED[state], nil, 0, false
if #ARGV > 8 then
  ids = {unpack(ARGV, 9)}
else
  local rank = last ~= '' and call('ZRANK', set, last)
  local from = rank and rank + 1 or before
  before = from
  ids = call('ZRANGE', set, from, from + LOOKED - 1)
  stopped = #ids == LOOKED and last
end
meet(ids)
for _, id in ipairs(ids) do
  if count == limit then break end
  local job = load(id)
  local meant = job and job[STATE] == state and meets(filter, job)
  if meant and what == 'd' then
    remove(id, job)
  elseif meant then
    meant = not begin_anew(id, job, later(0, start + count * spacing))
  end
  if meant then
    count = count + 1
  else
    before = before + 1
    if stopped then stopped = id end
  end
end
settle()
return {TEXT[start], count, stopped, before}
