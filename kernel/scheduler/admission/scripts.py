"""The Lua that decides admission, atomically, on Valkey's own clock.

Keys of one queue: ``waiting`` sorted set of tickets by arrival number; ``seen`` sorted set of tickets by the time until which
their waiter is believed to be alive; ``leases`` sorted set of tickets by the time their lease ends; ``arrivals`` counter;
``wake:<ticket>`` a list that a waiter blocks on. One key for all queues: ``epoch``, the time from which this Valkey may be
believed.

After a flush, leases that are still held are unknown. ``epoch`` is then missing, and whoever comes first writes it: until it
is reached holders renew (which enters their lease again) and nobody new is admitted. So the limit holds across a flush.
"""

_SHARED = """
local waiting, seen, leases, arrivals, epoch = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local wake = KEYS[6]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function believed_from(grace)
  local at = redis.call('GET', epoch)
  if not at then
    at = now + grace
    redis.call('SET', epoch, string.format('%.0f', at))
  end
  return tonumber(at)
end

local function forget(ticket)
  redis.call('ZREM', waiting, ticket)
  redis.call('ZREM', seen, ticket)
end

local function sweep()
  redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
  for _, ticket in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now)) do forget(ticket) end
end

-- Gives free slots to the head of the queue and wakes those who got one.
local function grant(limit, lease)
  local free = limit - redis.call('ZCARD', leases)
  if free <= 0 then return end
  for _, ticket in ipairs(redis.call('ZRANGE', waiting, 0, free - 1)) do
    forget(ticket)
    redis.call('ZADD', leases, now + lease, ticket)
    redis.call('RPUSH', wake .. ticket, '1')
    redis.call('PEXPIRE', wake .. ticket, lease)
  end
end
"""

# ARGV: ticket, limit, lease ms, waiter ms, longest queue, grace ms
# Returns {1, 0} granted; {0, people before it} waiting; {-1, queue length} full; {0, -1} waiting for the epoch.
ENTER = (
    _SHARED
    + """
local ticket, limit, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local epoch_at = believed_from(tonumber(ARGV[6]))
sweep()
if redis.call('ZSCORE', leases, ticket) then
  redis.call('ZADD', leases, now + lease, ticket)
  redis.call('DEL', wake .. ticket)
  return {1, 0}
end
if not redis.call('ZSCORE', waiting, ticket) then
  local length = redis.call('ZCARD', waiting)
  if length >= tonumber(ARGV[5]) then return {-1, length} end
  redis.call('ZADD', waiting, redis.call('INCR', arrivals), ticket)
end
redis.call('ZADD', seen, now + tonumber(ARGV[4]), ticket)
if now < epoch_at then return {0, -1} end
grant(limit, lease)
if redis.call('ZSCORE', leases, ticket) then
  redis.call('DEL', wake .. ticket)
  return {1, 0}
end
return {0, redis.call('ZRANK', waiting, ticket)}
"""
)

# ARGV: ticket, limit, lease ms, grace ms. Returns 1 when the lease is held on, 0 when it is lost.
RENEW = (
    _SHARED
    + """
local ticket, limit, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local epoch_at = believed_from(tonumber(ARGV[4]))
sweep()
if redis.call('ZSCORE', leases, ticket) or now < epoch_at then
  redis.call('ZADD', leases, now + lease, ticket)
  return 1
end
-- It ran out unnoticed. The slot may still be free; taking it back must not pass the limit or those who wait.
if redis.call('ZCARD', leases) < limit and redis.call('ZCARD', waiting) == 0 then
  redis.call('ZADD', leases, now + lease, ticket)
  return 1
end
return 0
"""
)

# ARGV: ticket, limit, lease ms, grace ms. Gives up a lease or a place in the queue; the next ones are let in.
LEAVE = (
    _SHARED
    + """
local ticket, limit, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local epoch_at = believed_from(tonumber(ARGV[4]))
redis.call('ZREM', leases, ticket)
forget(ticket)
redis.call('DEL', wake .. ticket)
sweep()
if now >= epoch_at then grant(limit, lease) end
return 1
"""
)

# Returns {leases, waiting}.
LOOK = (
    _SHARED
    + """
sweep()
return {redis.call('ZCARD', leases), redis.call('ZCARD', waiting)}
"""
)
