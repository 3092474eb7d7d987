-- Changes a job that waits or is dead: job, actor, why, then `p`ayload, `m`ost attempts or `q`ueue and what it becomes.
-- Answers with the state that it was in.
local id = ARGV[1]
local job = load(id)
if not job then return false end
local state = job[STATE]
if state ~= SCHEDULED and state ~= AVAILABLE and state ~= DEAD then return state end
leave(id, job)
for at = 4, #ARGV, 2 do
  local what, value = ARGV[at], ARGV[at + 1]
  if what == 'p' then
    call('HSET', PAYLOADS, id, value)
  elseif what == 'm' then
    job[MAX_ATTEMPTS] = math.max(tonumber(value), 1)
  else
    job[QUEUE] = value
  end
end
enter(id, job)
note(ARGV[2], 'edit', id, '', ARGV[3])
settle()
return state
