-- Preemption: who runs is told to make room for a higher class (policies/model.py).
-- streams: running requests that can yield, the lowest class and of these the one begun last at the end; told: of those that were
-- asked to, for whom; room: of those who wait, who makes room for them.

local function stream_offer(id, r) redis.call('ZADD', streams, r.class * 2 ^ 50 + r.granted, id) end

-- A running request ends or yields.
local function stream_end(id)
  redis.call('ZREM', streams, id)
  local waiter = redis.call('HGET', told, id)
  if not waiter then return end
  redis.call('HDEL', told, id)
  redis.call('HDEL', room, waiter)
end

-- A running request needs not make room any more; it finds out before it yields.
local function stream_spare(id)
  local waiter = redis.call('HGET', told, id)
  redis.call('HDEL', told, id)
  redis.call('HDEL', room, waiter)
  stream_offer(id, recall(id))
end

-- A waiter is no longer one.
local function room_forget(id)
  local stream = redis.call('HGET', room, id)
  if stream then stream_spare(stream) end
end

-- Has a stream of a lower class than the waiter's make room for it; false if there is none (of the tenant, where one is named).
local function room_ask(id, tenant)
  local r = recall(id)
  if pace_wait(r.tokens) > 0 then return false end
  for _, stream in ipairs(redis.call('ZREVRANGE', streams, 0, -1)) do
    local v = recall(stream)
    if v.class <= r.class then return false end
    if line.class_of(v) > r.class and (not tenant or v.tenant == tenant) then
      redis.call('ZREM', streams, stream)
      redis.call('HSET', told, stream, id)
      redis.call('HSET', room, id, stream)
      redis.call('RPUSH', 'vos:admission:told:' .. v.address, stream)
      redis.call('PEXPIRE', 'vos:admission:told:' .. v.address, math.ceil(lease / 1000))
      return true
    end
  end
  return false
end

-- For those whose turn comes next, and for those whose own tenant's streams hold what it may have.
local function room_seek()
  if redis.call('EXISTS', streams) == 0 or not line.ranks() then return end
  line.prepare()
  local place = redis.call('ZCARD', leases) == slots and 0
  while place and place <= redis.call('HLEN', told) do
    local tenant = redis.call('ZRANGE', turns, place, place)[1]
    local id = tenant and line.first(tenant)
    place = id and (redis.call('HEXISTS', room, id) == 1 or room_ask(id)) and place + 1
  end
  if not capped then return end
  local aside = redis.call('SMEMBERS', parked)
  table.sort(aside, function(a, b) return behind(b, a) end)
  for _, tenant in ipairs(aside) do
    local id = line.first(tenant)
    if redis.call('HEXISTS', room, id) == 0 then room_ask(id, tenant) end
  end
end
