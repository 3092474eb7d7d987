-- What all scripts share: the time, the shape of a job, and the sets by which it is found.
--
-- Hashes by the names of jobs: `j` their records, `p` their payloads, `w` words that only callers read, `g` their progress.
-- Each job stands in `ids`, and in the sets of its state. `leave` takes it out of those, `enter` puts it into them. What a
-- script changes is written many jobs at a time: `settle` ends every script that changes something.
local call = redis.call
local P = KEYS[1] .. ':'
local JOBS, PAYLOADS, WORDS, PROGRESS = P .. 'j', P .. 'p', P .. 'w', P .. 'g'
local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local LATEST = 253402300799999

local SCHEDULED, AVAILABLE, RUNNING, COMPLETED, CANCELLED, DEAD = 1, 2, 3, 4, 5, 6

-- What a job is, by its place in the list that its record is read into: `record.rs` says the same. Numbers first, then
-- texts; what is not known is 0 or empty. A job HOLDS (1) the key UNIQUE, or does not (0), UNTIL one of those below.
local STATE, HOLDS, CALLED_OFF, UNTIL, LEVEL, ATTEMPT, MAX_ATTEMPTS, CRASHES, SNOOZES, LIMIT_MAX = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
local FENCE, AGEING, CREATED, RUN_AT, STARTED, FINISHED, LEASE, EXPIRES, MAX_AGE, WINDOW = 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
local QUEUE, KIND, WORKER, REASON, UNIQUE, LIMIT, SCHEDULE = 21, 22, 23, 24, 25, 26, 27
local NUMBERS = '<BBBBBI4I4I4I4I4I6I6I6I6I6I6I6I6I6I6'
local TEXTS = '<Hc0Hc0Hc0Hc0Hc0Hc0Hc0'
local RECORD = NUMBERS .. string.sub(TEXTS, 2)
local UNTIL_STARTED, UNTIL_FINISHED, UNTIL_WINDOW = 1, 2, 3

local counts, rings, called_off = {}, {}, false

-- a table that makes what it has not
local function memo(make)
  return setmetatable({}, {__index = function(known, key)
    local value = make(key)
    known[key] = value
    return value
  end})
end

-- the sets of jobs: of a queue those that are due later, that wait (oldest first), and that may be claimed, by kind; those that
-- run, and those that ended, by state
local DUE = memo(function(queue) return P .. 'd:' .. queue end)
local OLDEST = memo(function(queue) return P .. 'o:' .. queue end)
local CLAIMABLE = memo(function(queue)
  return memo(function(kind) return P .. 'a:' .. queue .. '/' .. kind end)
end)
local RUNS, ENDED, IDS = P .. 'r', memo(function(state) return P .. 'e:' .. state end), P .. 'ids'

local function later(wait, from)
  return math.min((from or now) + tonumber(wait), LATEST)
end

-- a number in full: `..` would round it to 14 digits
local TEXT = memo(function(number) return string.format('%.0f', number) end)

-- a command with a list of values, as many of them at a time as one call may have
local function write(command, key, values)
  for from = 1, #values, 1000 do
    call(command, key, unpack(values, from, math.min(from + 999, #values)))
  end
end

-- the values of these fields of a hash, `false` for those that it has not
local function read(key, fields)
  local values = {}
  for from = 1, #fields, 1000 do
    local part = call('HMGET', key, unpack(fields, from, math.min(from + 999, #fields)))
    if #fields <= 1000 then return part end
    for index, value in ipairs(part) do values[from + index - 1] = value end
  end
  return values
end

local function read_record(record)
  return {struct.unpack(RECORD, record)}
end

local function record_of(job)
  local queue, kind, worker, reason = job[QUEUE], job[KIND], job[WORKER], job[REASON]
  local unique, limit, schedule = job[UNIQUE], job[LIMIT], job[SCHEDULE]
  return struct.pack(NUMBERS, unpack(job, 1, WINDOW))
    .. struct.pack(TEXTS, #queue, queue, #kind, kind, #worker, worker, #reason, reason, #unique, unique, #limit, limit, #schedule, schedule)
end

-- The jobs that this script has met, by name, `false` those that are not there; and which of them it has changed.
local met, changed = {}, {}

local function load(id)
  local job = met[id]
  if job == nil then
    local record = call('HGET', JOBS, id)
    job = record and read_record(record)
    met[id] = job
  end
  return job
end

-- meets many at once
local function meet(ids)
  local records = read(JOBS, ids)
  for index, id in ipairs(ids) do
    if met[id] == nil then met[id] = records[index] and read_record(records[index]) end
  end
end

local function save(id, job)
  met[id], changed[id] = job, job
end

-- the records that were written last
local written = {}

local function write_jobs()
  local values, count = {}, 0
  for id, job in pairs(changed) do
    local record = record_of(job)
    written[id] = record
    values[count + 1], values[count + 2] = id, record
    count = count + 2
  end
  write('HSET', JOBS, values)
  changed = {}
end

-- What becomes of the members of sets, by key: the score of each, or `false` for those that leave. Sets are written many
-- members at a time, before the script reads one of them and when it ends.
local moved = {}

local function move(set, id, score)
  local members = moved[set]
  if not members then
    members = {}
    moved[set] = members
  end
  members[id] = score
end

local function write_sets()
  for set, members in pairs(moved) do
    local gone, come, going, coming = {}, {}, 0, 0
    for id, score in pairs(members) do
      if score then
        come[coming + 1], come[coming + 2] = TEXT[score], id
        coming = coming + 2
      else
        going = going + 1
        gone[going] = id
      end
    end
    write('ZREM', set, gone)
    write('ZADD', set, come)
  end
  moved = {}
end

-- whether it has ended
local function ended(job)
  return job[STATE] >= COMPLETED
end

-- whether its unique key is free by now
local function lets_go(job)
  local till = job[UNTIL]
  if till == UNTIL_STARTED then
    return job[ATTEMPT] > 0 or ended(job)
  elseif till == UNTIL_FINISHED then
    return ended(job)
  end
  return till == UNTIL_WINDOW and job[WINDOW] <= now
end

-- one job more or less of its queue and state
local function count(job, by)
  local queue, state = job[QUEUE], job[STATE]
  local of = counts[queue]
  if not of then
    of = {0, 0, 0, 0, 0, 0}
    counts[queue] = of
  end
  of[state] = of[state] + by
end

-- claims take the lowest first
local function rank_of(job)
  return job[RUN_AT] + job[LEVEL] * job[AGEING]
end

-- Jobs with a limit wait in lanes, one for each queue, kind and number that is allowed. Only the first one of a lane is
-- shown to claims, and only while the limit allows one more: a key that is saturated costs them nothing.
local function lane(job)
  return job[QUEUE] .. '/' .. job[KIND] .. '/' .. job[LIMIT_MAX]
end

local function show_heads(limit)
  local running = call('SCARD', P .. 'slots:' .. limit)
  local heads = P .. 'heads:' .. limit
  local shown = call('HGETALL', heads)
  for index = 1, #shown, 2 do
    local name, old, new = shown[index], shown[index + 1], ''
    local place, max = string.match(name, '^(.*)/(%d+)$')
    local first = call('ZRANGE', P .. 'lane:' .. name .. '/' .. limit, 0, 0, 'WITHSCORES')
    if first[1] and running < tonumber(max) then
      new = first[1]
    end
    if new ~= old then
      if old ~= '' then call('ZREM', P .. 'a:' .. place, old) end
      if new ~= '' then call('ZADD', P .. 'a:' .. place, first[2], new) end
      call('HSET', heads, name, new)
    end
    if not first[1] then call('HDEL', heads, name) end
  end
end

-- tells the queues in which jobs wait for a limit
local function ring_lanes(limit)
  for _, name in ipairs(call('HKEYS', P .. 'heads:' .. limit)) do
    rings[string.match(name, '^(.-)/')] = true
  end
end

local function leave(id, job)
  count(job, -1)
  local state, queue, limit = job[STATE], job[QUEUE], job[LIMIT]
  if state == SCHEDULED then
    move(DUE[queue], id, false)
  elseif state == AVAILABLE then
    move(OLDEST[queue], id, false)
    if limit ~= '' then
      call('ZREM', P .. 'lane:' .. lane(job) .. '/' .. limit, id)
      show_heads(limit)
    else
      move(CLAIMABLE[queue][job[KIND]], id, false)
    end
  elseif state == RUNNING then
    move(RUNS, id, false)
    if limit ~= '' then
      call('SREM', P .. 'slots:' .. limit, id)
      show_heads(limit)
      ring_lanes(limit)
    end
  else
    move(ENDED[state], id, false)
  end
end

local function enter(id, job)
  if job[HOLDS] == 1 and lets_go(job) then
    call('HDEL', P .. 'u', job[UNIQUE])
    job[HOLDS] = 0
  end
  save(id, job)
  count(job, 1)
  local state, queue, limit = job[STATE], job[QUEUE], job[LIMIT]
  if state == SCHEDULED then
    move(DUE[queue], id, job[RUN_AT])
    rings[queue] = true
  elseif state == AVAILABLE then
    local rank = rank_of(job)
    move(OLDEST[queue], id, job[RUN_AT])
    if limit ~= '' then
      call('ZADD', P .. 'lane:' .. lane(job) .. '/' .. limit, rank, id)
      call('HSETNX', P .. 'heads:' .. limit, lane(job), '')
      show_heads(limit)
    else
      move(CLAIMABLE[queue][job[KIND]], id, rank)
    end
    rings[queue] = true
  elseif state == RUNNING then
    move(RUNS, id, job[LEASE])
    if limit ~= '' then
      call('SADD', P .. 'slots:' .. limit, id)
      show_heads(limit)
    end
  else
    move(ENDED[state], id, job[FINISHED])
  end
end

local function wait_until(job, run_at)
  job[RUN_AT] = run_at
  job[STATE] = run_at <= now and AVAILABLE or SCHEDULED
  job[LEASE] = 0
end

local function finish(job, state)
  job[STATE], job[FINISHED], job[LEASE] = state, now, 0
end

-- the job if it runs under this very fence
local function held(id, fence)
  local job = load(id)
  return job and job[STATE] == RUNNING and job[FENCE] == tonumber(fence) and job
end

-- who holds a unique key
local function holder(key)
  local id = call('HGET', P .. 'u', key)
  local job = id and load(id)
  if not job then return nil end
  if not lets_go(job) then return id, job end
  job[HOLDS] = 0
  save(id, job)
  call('HDEL', P .. 'u', key)
  return nil
end

-- keeps a failure, which is JSON, with the time
local function fail(id, failure)
  call('RPUSH', P .. 'f:' .. id, TEXT[now] .. ' ' .. failure)
end

local removed = {}

local function remove(id, job)
  leave(id, job)
  if job[HOLDS] == 1 then call('HDEL', P .. 'u', job[UNIQUE]) end
  move(IDS, id, false)
  met[id], changed[id] = false, nil
  removed[#removed + 1] = id
end

local function begin_anew(id, job, run_at)
  local key = job[UNTIL] ~= UNTIL_WINDOW and job[UNIQUE] or ''
  local other = key ~= '' and holder(key)
  if other then return other end
  leave(id, job)
  job[ATTEMPT], job[CRASHES], job[SNOOZES] = 0, 0, 0
  job[REASON], job[FINISHED], job[CALLED_OFF] = '', 0, 0
  job[EXPIRES] = job[MAX_AGE] > 0 and later(job[MAX_AGE], run_at) or 0
  wait_until(job, run_at)
  if key ~= '' then
    job[HOLDS] = 1
    call('HSET', P .. 'u', key, id)
  end
  enter(id, job)
  return nil
end

-- adds a line to the audit; what is not said is empty
local function note(actor, action, subject, detail, why)
  if detail ~= '' and why ~= '' then
    detail = detail .. ': ' .. why
  elseif detail == '' then
    detail = why
  end
  call('LPUSH', P .. 'audit', cmsgpack.pack({now, actor, action, subject, detail ~= '' and detail}))
  call('LTRIM', P .. 'audit', 0, 9999)
end

-- jobs as they are shown: a list of their names, their records, payloads, words and progress
local function show(ids)
  local records = {}
  for index, id in ipairs(ids) do
    local job, record = met[id], written[id]
    if not record then
      if job[HOLDS] == 1 and lets_go(job) then job[HOLDS] = 0 end
      record = record_of(job)
    end
    records[index] = record
  end
  return {ids, records, read(PAYLOADS, ids), read(WORDS, ids), read(PROGRESS, ids)}
end

local function without_version(kind)
  return string.match(kind, '^[^@]*')
end

-- whether everything holds that a filter says; its names are looked at by those who ask for them
local function meets(filter, job)
  return (not filter.queue or filter.queue == job[QUEUE])
    and (not filter.kind or without_version(filter.kind) == without_version(job[KIND]))
    and (not filter.states or filter.states[tostring(job[STATE])])
    and (not filter.reason or filter.reason == job[REASON])
    and (not filter.schedule or filter.schedule == job[SCHEDULE])
    and (not filter.before or (job[FINISHED] > 0 and job[FINISHED] < filter.before))
end

local function settle()
  write_sets()
  write_jobs()
  for _, hash in ipairs({JOBS, PAYLOADS, WORDS, PROGRESS}) do write('HDEL', hash, removed) end
  for _, id in ipairs(removed) do call('DEL', P .. 'f:' .. id) end
  for queue, of in pairs(counts) do
    for state, by in ipairs(of) do
      local field = state .. '/' .. queue
      if by ~= 0 and call('HINCRBY', P .. 'n', field, by) == 0 then
        call('HDEL', P .. 'n', field)
      end
    end
  end
  for queue in pairs(rings) do
    call('PUBLISH', P .. 'wake', 'w' .. queue)
  end
  if called_off then call('PUBLISH', P .. 'wake', 'c') end
end
