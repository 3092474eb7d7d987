-- What all scripts share: the time, the shape of a job, and the sets by which it is found.
--
-- A job is the hash `j:<id>`: `s` what changes (a list in MessagePack, see below), `p` its payload, `w` words that only
-- callers read, `g` its progress. Each job stands in `ids`, and in the sets of its state. `leave` takes it out of those,
-- `enter` puts it into them and saves it; `settle` ends every script that changes something.
local call = redis.call
local P = KEYS[1] .. ':'
local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local LATEST = 253402300799999

local SCHEDULED, AVAILABLE, RUNNING, COMPLETED, CANCELLED, DEAD = 1, 2, 3, 4, 5, 6

-- what a job is, by its place in the list; what is not known is `false`
local STATE, QUEUE, KIND, LEVEL, AGEING, ATTEMPT, MAX_ATTEMPTS, CRASHES, SNOOZES, FENCE = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
local CREATED, RUN_AT, STARTED, FINISHED, LEASE, WORKER, EXPIRES, MAX_AGE, REASON, CALLED_OFF = 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
-- the key that it holds, that it was given, until when ('s'tarted, 'f'inished, 'w'indow), and when the window ends
local HELD, UNIQUE, UNTIL, WINDOW = 21, 22, 23, 24
local LIMIT, LIMIT_MAX, SCHEDULE = 25, 26, 27

local counts, rings, called_off = {}, {}, false

local function later(wait, from)
  return math.min((from or now) + tonumber(wait), LATEST)
end

-- a number in full: `..` would round it to 14 digits
local function text(number)
  return string.format('%.0f', number)
end

local function load(id)
  local packed = call('HGET', P .. 'j:' .. id, 's')
  return packed and cmsgpack.unpack(packed)
end

-- with further fields and what they become
local function save(id, job, ...)
  call('HSET', P .. 'j:' .. id, 's', cmsgpack.pack(job), ...)
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

local function write(command, set, values)
  for from = 1, #values, 1000 do
    call(command, set, unpack(values, from, math.min(from + 999, #values)))
  end
end

local function write_sets()
  for set, members in pairs(moved) do
    local gone, come = {}, {}
    for id, score in pairs(members) do
      if score then
        come[#come + 1] = score
        come[#come + 1] = id
      else
        gone[#gone + 1] = id
      end
    end
    write('ZREM', set, gone)
    write('ZADD', set, come)
  end
  moved = {}
end

local function ended(job)
  return job[STATE] >= COMPLETED
end

-- whether its unique key is free by now
local function lets_go(job)
  if job[UNTIL] == 's' then
    return job[ATTEMPT] > 0 or ended(job)
  elseif job[UNTIL] == 'f' then
    return ended(job)
  end
  return job[UNTIL] == 'w' and job[WINDOW] <= now
end

local function count(job, by)
  local field = job[STATE] .. '/' .. job[QUEUE]
  counts[field] = (counts[field] or 0) + by
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
    move(P .. 'd:' .. queue, id, false)
  elseif state == AVAILABLE then
    move(P .. 'o:' .. queue, id, false)
    if limit then
      call('ZREM', P .. 'lane:' .. lane(job) .. '/' .. limit, id)
      show_heads(limit)
    else
      move(P .. 'a:' .. queue .. '/' .. job[KIND], id, false)
    end
  elseif state == RUNNING then
    move(P .. 'r', id, false)
    if limit then
      call('SREM', P .. 'slots:' .. limit, id)
      show_heads(limit)
      ring_lanes(limit)
    end
  else
    move(P .. 'e:' .. state, id, false)
  end
end

-- with further fields of its hash and what they become
local function enter(id, job, ...)
  if job[HELD] and lets_go(job) then
    call('HDEL', P .. 'u', job[HELD])
    job[HELD] = false
  end
  save(id, job, ...)
  count(job, 1)
  local state, queue, limit = job[STATE], job[QUEUE], job[LIMIT]
  if state == SCHEDULED then
    move(P .. 'd:' .. queue, id, job[RUN_AT])
    rings[queue] = true
  elseif state == AVAILABLE then
    local rank = job[RUN_AT] + job[LEVEL] * job[AGEING]
    move(P .. 'o:' .. queue, id, job[RUN_AT])
    if limit then
      call('ZADD', P .. 'lane:' .. lane(job) .. '/' .. limit, rank, id)
      call('HSETNX', P .. 'heads:' .. limit, lane(job), '')
      show_heads(limit)
    else
      move(P .. 'a:' .. queue .. '/' .. job[KIND], id, rank)
    end
    rings[queue] = true
  elseif state == RUNNING then
    move(P .. 'r', id, job[LEASE])
    if limit then
      call('SADD', P .. 'slots:' .. limit, id)
      show_heads(limit)
    end
  else
    move(P .. 'e:' .. state, id, job[FINISHED])
  end
end

local function wait_until(job, run_at)
  job[RUN_AT] = run_at
  job[STATE] = run_at <= now and AVAILABLE or SCHEDULED
  job[LEASE] = false
end

local function finish(job, state)
  job[STATE], job[FINISHED], job[LEASE] = state, now, false
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
  job[HELD] = false
  save(id, job)
  call('HDEL', P .. 'u', key)
  return nil
end

-- keeps a failure, which is JSON, with the time
local function fail(id, failure)
  call('RPUSH', P .. 'f:' .. id, text(now) .. ' ' .. failure)
end

local function remove(id, job)
  leave(id, job)
  if job[HELD] then call('HDEL', P .. 'u', job[HELD]) end
  move(P .. 'ids', id, false)
  call('DEL', P .. 'j:' .. id, P .. 'f:' .. id)
end

local function begin_anew(id, job, run_at)
  local key = job[UNTIL] ~= 'w' and job[UNIQUE]
  local other = key and holder(key)
  if other then return other end
  leave(id, job)
  job[ATTEMPT], job[CRASHES], job[SNOOZES] = 0, 0, 0
  job[REASON], job[FINISHED], job[CALLED_OFF] = false, false, false
  job[EXPIRES] = job[MAX_AGE] and later(job[MAX_AGE], run_at)
  wait_until(job, run_at)
  if key then
    job[HELD] = key
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

-- a job as it is shown: what changes, payload, words, progress
local function show(id, job)
  if job[HELD] and lets_go(job) then job[HELD] = false end
  local rest = call('HMGET', P .. 'j:' .. id, 'p', 'w', 'g')
  return {id, job, rest[1], rest[2], rest[3]}
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
    and (not filter.before or (job[FINISHED] and job[FINISHED] < filter.before))
end

local function settle()
  write_sets()
  for field, by in pairs(counts) do
    if by ~= 0 and call('HINCRBY', P .. 'n', field, by) == 0 then
      call('HDEL', P .. 'n', field)
    end
  end
  for queue in pairs(rings) do
    call('PUBLISH', P .. 'wake', 'w' .. queue)
  end
  if called_off then call('PUBLISH', P .. 'wake', 'c') end
end
