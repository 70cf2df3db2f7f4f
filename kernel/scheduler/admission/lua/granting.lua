-- Who waits, who holds, and the step from one to the other.
local by_order = ordered()
local lines = { fair = fair(), round_robin = round_robin(), fifo = by_order, priority = by_order, deadline = by_order }

local function use_policy()
  load_policy()
  line = lines[policy.discipline]
  line.bind()
end

-- A waiter is no longer one.
local function strike(id, tenant)
  redis.call('ZREM', seen, id)
  lower(queued, tenant)
  room_forget(id)
end

local function forget(id)
  local r = recall(id)
  if not r then return redis.call('ZREM', seen, id) end
  line.remove(id, r)
  strike(id, r.tenant)
  work_end(id, r)
  unremember(id)
end

local function await(id, r)
  remember(id, r)
  line.add(id, r)
  redis.call('HINCRBY', queued, r.tenant, 1)
end

-- A lease begins.
local function admit(id, r)
  r.granted = now
  remember(id, r)
  redis.call('ZADD', leases, now + lease, id)
  local count = redis.call('HINCRBY', held, r.tenant, 1)
  if capped and count >= cap and redis.call('ZREM', turns, r.tenant) == 1 then redis.call('SADD', parked, r.tenant) end
  if r.address ~= '' then stream_offer(id, r) end
  pace_take(r.tokens)
end

-- A lease that this server forgot goes on; granted again it is not, so no pace counts it.
local function restore(id, r)
  remember(id, r)
  work_begin(id, r)
  if r.address ~= '' then stream_offer(id, r) end
  redis.call('HINCRBY', held, r.tenant, 1)
  redis.call('ZADD', leases, now + lease, id)
  if barred(r.tenant) and redis.call('ZREM', turns, r.tenant) == 1 then redis.call('SADD', parked, r.tenant) end
end

-- A lease ends; used is what its holder really used, or -1 where only the estimate is known.
local function drop(id, used)
  redis.call('ZREM', leases, id)
  local r = recall(id)
  if not r then return end
  if r.address ~= '' then stream_end(id) end
  work_end(id, r)
  unremember(id)
  local count = lower(held, r.tenant)
  if used >= 0 then
    line.settle(r, used)
    pace_settle(r.tokens, used)
  end
  if capped and count == cap - 1 then line.unbar(r.tenant) end
  return r
end

-- Whose time is over goes. With nobody waiting, who leaves need not look for others: who comes next does.
local function sweep(leaving)
  waiting = redis.call('ZCARD', seen)
  if waiting > 0 then
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now)) do forget(id) end
    waiting = redis.call('ZCARD', seen)
  elseif leaving then
    return
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now)) do drop(id, -1) end
end

-- The number of slots has changed since the last decision: tenants at their share may be others now.
local function revisit()
  redis.call('HSET', config, 'slots', slots)
  for _, tenant in ipairs(redis.call('ZRANGE', turns, 0, -1)) do
    if barred(tenant) then
      redis.call('ZREM', turns, tenant)
      redis.call('SADD', parked, tenant)
    end
  end
  local aside = redis.call('SMEMBERS', parked)
  table.sort(aside, function(a, b) return behind(b, a) end)
  for _, tenant in ipairs(aside) do
    if not barred(tenant) then
      redis.call('SREM', parked, tenant)
      line.unbar(tenant)
    end
  end
end

-- Gives free slots to those whose turn it is and wakes them. Notes in blocked how long nobody can be let in, where that is known.
local function let_in(epoch_at)
  blocked = 0
  stopped = 0
  if redis.call('EXISTS', seen) == 0 then return end
  if now < epoch_at then
    blocked = epoch_at - now
    redis.call('SADD', unsure, Q)
    redis.call('EXPIRE', unsure, 60)
    return
  end
  local free = slots - redis.call('ZCARD', leases)
  if free > 0 then line.prepare() end
  while free > 0 do
    local tenant = head_of(turns)
    if not tenant then break end
    local id = line.first(tenant)
    local r = recall(id)
    blocked = pace_wait(r.tokens)
    if blocked > 0 then return end
    line.take(id, r)
    strike(id, r.tenant)
    admit(id, r)
    redis.call('RPUSH', wake .. id, '1')
    redis.call('PEXPIRE', wake .. id, math.ceil(lease / 1000))
    redis.call('LPUSH', waits, string.format('%.0f', now - r.stamp))
    redis.call('LTRIM', waits, 0, 255)
    free = free - 1
  end
  room_seek()
end

-- Where only time can let anybody in, one waiter looks at the clock for all; without it nobody would wake anybody.
-- Returns how long the caller should sleep, if it is the one; else 0.
local function keep_clock(caller)
  if blocked <= 0 then return 0 end
  local k = redis.call('HMGET', state, 'keeper', 'keeper_at')
  local keeper, at = k[1], number(k[2])
  -- Late by a quarter of a second: it is not coming.
  local good = keeper and at > now - 250000 and redis.call('ZSCORE', seen, keeper)
  if good and keeper ~= caller and at <= now + blocked + 10000 then return 0 end
  if not (good and keeper ~= caller) then keeper = caller or redis.call('ZREVRANGE', seen, 0, 0)[1] end
  redis.call('HSET', state, 'keeper', keeper, 'keeper_at', now + blocked)
  if keeper == caller then return blocked end
  redis.call('RPUSH', wake .. keeper, 't')
  redis.call('PEXPIRE', wake .. keeper, math.ceil(lease / 1000))
  return 0
end

local function begin(keys, arguments, count, leaving)
  read(keys, arguments, count)
  paces_forget()
  use_policy()
  local epoch_at = believed_from()
  sweep(leaving)
  if resized then revisit() end
  return epoch_at
end
