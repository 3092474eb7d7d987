-- Calls a job off: job, actor, why. Answers with the state that it was in, or nothing.
local id = ARGV[1]
local job = load(id)
if not job then return false end
local state = job[STATE]
if ended(job) then return state end
if state == RUNNING then
  job[CALLED_OFF] = 1
  save(id, job)
  called_off = true
else
  leave(id, job)
  finish(job, CANCELLED)
  enter(id, job)
end
note(ARGV[2], 'cancel', id, '', ARGV[3])
settle()
return state
