-- How many jobs there are: pairs of `<state>/<queue>` and count; queues that are paused; since when the oldest of each
-- queue is available.
local jobs = call('HGETALL', P .. 'n')
local oldest = {}
for index = 1, #jobs, 2 do
  local queue = string.match(jobs[index], '^' .. AVAILABLE .. '/(.*)$')
  local first = queue and call('ZRANGE', OLDEST[queue], 0, 0, 'WITHSCORES')
  if first and first[2] then oldest[#oldest + 1] = {queue, tonumber(first[2])} end
end
return {now, jobs, call('SMEMBERS', P .. 'paused'), oldest}
