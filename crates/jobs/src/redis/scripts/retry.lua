-- Makes a job available at once: job, actor, why. Answers with the state that it was in, and who holds its unique key.
local id = ARGV[1]
local job = load(id)
if not job then return false end
local state = job[STATE]
if state == SCHEDULED then
  leave(id, job)
  wait_until(job, now)
  enter(id, job)
elseif state == CANCELLED or state == DEAD then
  local other = begin_anew(id, job, now)
  if other then return {state, other} end
else
  return {state, false}
end
note(ARGV[2], 'retry', id, '', ARGV[3])
settle()
return {state, false}
