-- Says which of these leases, pairs of job and fence, were called off, by their place, and which queues are paused.
local ids, off = {}, {}
for at = 1, #ARGV, 2 do ids[#ids + 1] = ARGV[at] end
meet(ids)
for at = 1, #ARGV, 2 do
  local job = held(ARGV[at], ARGV[at + 1])
  if job and job[CALLED_OFF] == 1 then off[#off + 1] = (at - 1) / 2 end
end
return {off, call('SMEMBERS', P .. 'paused')}
