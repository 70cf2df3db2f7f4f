-- What every script knows: the queue's keys, the time, its policy, and who it is about.
--
-- KEYS: queue's prefix, epoch, pace of this queue, pace of its provider.
-- ARGV: time in µs (0: this server's clock), ticket, slots, lease µs, grace µs,
--       burst µs, requests and tokens a minute of this queue, requests and tokens a minute of its provider; then each script's.
local Q, epoch = KEYS[1], KEYS[2]
local now = tonumber(ARGV[1])
if now == 0 then
  -- Counted from 2023-11-14, so that a class and a deadline fit into one exact double (see ordered.lua).
  local clock = redis.call('TIME')
  now = (clock[1] - 1700000000) * 1000000 + clock[2]
end
local ticket, slots, lease, grace = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

local seen, leases, requests = Q .. 'seen', Q .. 'leases', Q .. 'requests'
local held, queued = Q .. 'held', Q .. 'queued'
local turns, parked = Q .. 'turns', Q .. 'parked'
local config, weights, state = Q .. 'config', Q .. 'weights', Q .. 'state'
local wake = Q .. 'wake:'

local policy, cap, capped, resized, line
local blocked = 0

local function number(text) return tonumber(text or 0) or 0 end

local function load_policy()
  local c = redis.call('HMGET', config, 'version', 'discipline', 'quantum', 'aging', 'horizon', 'slot_share', 'queue_share', 'slots')
  policy = {
    version = tonumber(c[1]), discipline = c[2] or 'fifo', quantum = number(c[3]), aging = number(c[4]),
    horizon = number(c[5]), slot_share = tonumber(c[6] or 100), queue_share = tonumber(c[7] or 100),
  }
  cap = math.max(1, math.floor(slots * policy.slot_share / 100))
  capped = cap < slots
  resized = policy.version and tonumber(c[8]) ~= slots
end

-- Whether string a sorts behind b by its bytes, as Valkey sorts members; Lua's own comparison follows the server's locale.
local function behind(a, b)
  for at = 1, math.min(#a, #b) do
    local x, y = string.byte(a, at), string.byte(b, at)
    if x ~= y then return x > y end
  end
  return #a > #b
end

-- The time from which this Valkey may be believed; see scripts.py.
local function believed_from()
  local at = redis.call('GET', epoch)
  if not at then
    at = now + grace
    redis.call('SET', epoch, string.format('%.0f', at))
  end
  return tonumber(at)
end

local function remember(id, r)
  redis.call('HSET', requests, id, string.format(
    '%s\n%s\n%.0f\n%.0f\n%.0f\n%.0f\n%.0f', r.tenant, r.unit, r.class, r.tokens, r.stamp, r.deadline, r.granted))
end

local function recall(id)
  local record = redis.call('HGET', requests, id)
  if not record then return nil end
  local tenant, unit, class, tokens, stamp, deadline, granted =
    string.match(record, '^([^\n]*)\n([^\n]*)\n(%-?%d+)\n(%-?%d+)\n(%-?%d+)\n(%-?%d+)\n(%-?%d+)$')
  return {
    tenant = tenant, unit = unit, class = tonumber(class), tokens = tonumber(tokens),
    stamp = tonumber(stamp), deadline = tonumber(deadline), granted = tonumber(granted),
  }
end

local function weight_of(name) return tonumber(redis.call('HGET', weights, name) or 1) end

-- The latest weight counts; who weighs 1 is not on record.
local function learn(name, weight)
  if weight ~= '1' then
    redis.call('HSET', weights, name, weight)
  elseif redis.call('HLEN', weights) > 0 then
    redis.call('HDEL', weights, name)
  end
end

local function lower(counts, tenant)
  local left = redis.call('HINCRBY', counts, tenant, -1)
  if left <= 0 then redis.call('HDEL', counts, tenant) end
  return left
end

-- Whether a tenant holds as many slots as one may.
local function barred(tenant)
  return capped and number(redis.call('HGET', held, tenant)) >= cap
end

-- Among those whose turn may come; or aside, while the tenant holds its share.
local function offer(tenant, score)
  if barred(tenant) then
    redis.call('ZREM', turns, tenant)
    redis.call('SADD', parked, tenant)
  else
    redis.call('ZADD', turns, score, tenant)
    if capped then redis.call('SREM', parked, tenant) end
  end
end

local function withdraw(tenant)
  redis.call('ZREM', turns, tenant)
  if capped then redis.call('SREM', parked, tenant) end
end

local function head_of(lane)
  return redis.call('ZRANGE', lane, 0, 0)[1]
end
