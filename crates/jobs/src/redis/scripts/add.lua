-- Adding jobs, for those who enqueue and for ticks of schedules. Each job is this many arguments: its name, when it may run
-- ('n'ow, 'i'n or 'a't the time in the record), what becomes of a job that holds its key ('s'kip, 'r'eplace, 'e'xtend), its
-- record, where spans stand for times, its words and its payload.
local STRIDE = 6
local payloads, words = {}, {}

local function starts(how, time)
  if how == 'i' then return later(time) end
  if how == 'a' then return math.max(time, now) end
  return now
end

-- what becomes of a job whose key another one holds
local function conflict(how, job, payload)
  local id, other = holder(job[UNIQUE])
  if not id then return nil end
  if how == 's' or (other[STATE] ~= SCHEDULED and other[STATE] ~= AVAILABLE) then
    return {'e', id}
  end
  leave(id, other)
  if how == 'r' then
    other[KIND], other[LEVEL], other[AGEING] = job[KIND], job[LEVEL], job[AGEING]
    payloads[id] = payload
  end
  wait_until(other, job[RUN_AT])
  enter(id, other)
  return {'c', id}
end

-- answers with its state if it is new
local function add(at)
  local id, payload = ARGV[at], ARGV[at + 5]
  if load(id) then return {'e', id} end
  local job = read_record(ARGV[at + 3])
  wait_until(job, starts(ARGV[at + 1], job[RUN_AT]))
  if job[UNIQUE] ~= '' then
    local answer = conflict(ARGV[at + 2], job, payload)
    if answer then return answer end
    job[HOLDS] = 1
    call('HSET', P .. 'u', job[UNIQUE], id)
  end
  job[CREATED] = now
  if job[MAX_AGE] > 0 then job[EXPIRES] = later(job[MAX_AGE]) end
  if job[UNTIL] == UNTIL_WINDOW then job[WINDOW] = later(job[WINDOW]) end
  move(IDS, id, 0)
  enter(id, job)
  payloads[id] = payload
  if ARGV[at + 4] ~= '' then words[id] = ARGV[at + 4] end
  return job[STATE]
end

local function write_all(hash, values)
  local all, count = {}, 0
  for id, value in pairs(values) do
    all[count + 1], all[count + 2] = id, value
    count = count + 2
  end
  write('HSET', hash, all)
end

local function add_from(first)
  local ids, answers = {}, {}
  for at = first, #ARGV, STRIDE do ids[#ids + 1] = ARGV[at] end
  meet(ids)
  for at = first, #ARGV, STRIDE do answers[#answers + 1] = add(at) end
  write_all(PAYLOADS, payloads)
  write_all(WORDS, words)
  return answers
end
