-- Records the ends of runs: for each the job, the fence, what comes next and what that needs, and a failure or nothing.
-- Answers for each whether it is recorded.
local answers = {}

local function end_run(id, job, how, value)
  if how == 's' or how == 'h' then job[ATTEMPT] = math.max(job[ATTEMPT] - 1, 0) end
  if how == 's' then job[SNOOZES] = job[SNOOZES] + 1 end
  if how == 'd' then
    finish(job, COMPLETED)
  elseif how == 'c' then
    finish(job, CANCELLED)
    note(job[WORKER], 'cancel', id, value, '')
  elseif how == 'x' then
    job[REASON] = value
    finish(job, DEAD)
  elseif job[CALLED_OFF] == 1 then
    -- nobody wants it any more: it must not come back
    finish(job, CANCELLED)
  elseif how == 'h' then
    job[STATE], job[LEASE] = AVAILABLE, 0
  else
    wait_until(job, later(value))
  end
end

local ids = {}
for at = 1, #ARGV, 5 do ids[#ids + 1] = ARGV[at] end
meet(ids)
for at = 1, #ARGV, 5 do
  local id, failure = ARGV[at], ARGV[at + 4]
  local job = held(id, ARGV[at + 1])
  if job then
    leave(id, job)
    if failure ~= '' then fail(id, failure) end
    end_run(id, job, ARGV[at + 2], ARGV[at + 3])
    enter(id, job)
  end
  answers[#answers + 1] = job and 1 or 0
end
settle()
return answers
