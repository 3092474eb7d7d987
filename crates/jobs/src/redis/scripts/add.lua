-- Adding jobs, for those who enqueue and for ticks of schedules. Each job is this many arguments.
local STRIDE = 18

local function starts(at)
  local how, time = ARGV[at + 6], ARGV[at + 7]
  if how == 'i' then return later(time) end
  if how == 'a' then return math.max(tonumber(time), now) end
  return now
end

-- what becomes of a job whose key another one holds
local function conflict(at)
  local id, other = holder(ARGV[at + 9])
  if not id then return nil end
  local how = ARGV[at + 12]
  if how == 's' or (other[STATE] ~= SCHEDULED and other[STATE] ~= AVAILABLE) then
    return {'e', id}
  end
  leave(id, other)
  if how == 'r' then
    other[KIND], other[LEVEL], other[AGEING] = ARGV[at + 2], tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    call('HSET', P .. 'j:' .. id, 'p', ARGV[at + 17])
  end
  wait_until(other, starts(at))
  enter(id, other)
  return {'c', id}
end

local function add(at)
  local id, unique, max_age, limit_max = ARGV[at], ARGV[at + 9], ARGV[at + 8], tonumber(ARGV[at + 14])
  if call('EXISTS', P .. 'j:' .. id) == 1 then return {'e', id} end
  local answer = unique ~= '' and conflict(at)
  if answer then return answer end
  local window = ARGV[at + 10] == 'w' and later(ARGV[at + 11])
  local job = {
    AVAILABLE, ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]),
    0, tonumber(ARGV[at + 5]), 0, 0, 0,
    now, now, false, false, false, false,
    max_age ~= '' and later(max_age), max_age ~= '' and tonumber(max_age), false, false,
    unique ~= '' and unique, unique ~= '' and unique, unique ~= '' and ARGV[at + 10], window,
    limit_max > 0 and ARGV[at + 13], limit_max > 0 and limit_max, ARGV[at + 15] ~= '' and ARGV[at + 15],
  }
  wait_until(job, starts(at))
  if unique ~= '' then call('HSET', P .. 'u', unique, id) end
  move(P .. 'ids', id, 0)
  enter(id, job, 'p', ARGV[at + 17], 'w', ARGV[at + 16])
  return {'n', id, job[STATE]}
end

local function add_from(first)
  local answers = {}
  for at = first, #ARGV, STRIDE do
    answers[#answers + 1] = add(at)
  end
  return answers
end
