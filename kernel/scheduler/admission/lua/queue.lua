-- What every function knows: the queue's keys, the time, its policy, and who it is about. Set anew by each call.
--
-- One key: the queue's prefix. One argument, lines that each end in a newline: time in µs (0: this server's clock), ticket, slots,
-- lease µs, grace µs, burst µs, requests and tokens a minute of this queue, the provider's name, its requests and tokens a minute;
-- then what each function adds.
local epoch = 'vos:admission:epoch'
-- While leases are unknown: the queues that wait for them to be known, the tickets that left meanwhile, who rebuilds.
local unsure, left, rebuilder = 'vos:admission:unsure', 'vos:admission:left', 'vos:admission:rebuilder'
local given, now, ticket, slots, lease, grace
local Q, seen, leases, request, held, queued, turns, parked, config, weights, state, wake, waits, streams, told, room
local policy, cap, capped, resized, line
local blocked
-- What is on record of the ticket that the call is about (false: nothing); how many wait; whether all weigh 1, where that is known.
local record, waiting, unweighted

local function number(text) return tonumber(text or 0) or 0 end

-- From here on it is about the queue with this prefix.
local function about(prefix)
  if prefix == Q then return end
  Q = prefix
  seen, leases, request, held, queued = Q .. 'seen', Q .. 'leases', Q .. 'request:', Q .. 'held', Q .. 'queued'
  turns, parked, config, weights = Q .. 'turns', Q .. 'parked', Q .. 'config', Q .. 'weights'
  state, wake, waits = Q .. 'state', Q .. 'wake:', Q .. 'waits'
  streams, told, room = Q .. 'streams', Q .. 'told', Q .. 'room'
end

-- The lines of an argument as a pattern, by their number: one match takes a third of the time of a loop. (Lua's libraries are not
-- there yet while this is loaded.)
local PARTS = {}

-- count: of how many lines the argument is made, up to 32, where that is always the same.
local function read(keys, arguments, count)
  if count then
    PARTS[count] = PARTS[count] or '^' .. string.rep('([^\n]*)\n', count)
    given = { string.match(arguments[1], PARTS[count]) }
  else
    given = {}
    for part in string.gmatch(arguments[1], '([^\n]*)\n') do given[#given + 1] = part end
  end
  now, ticket, slots, lease, grace = tonumber(given[1]), given[2], tonumber(given[3]), tonumber(given[4]), tonumber(given[5])
  if now == 0 then
    -- Counted from 2023-11-14, so that a class and a deadline fit into one exact double (see ordered.lua).
    local clock = redis.call('TIME')
    now = (clock[1] - 1700000000) * 1000000 + clock[2]
  end
  about(keys[1])
  blocked, record, unweighted = 0, false, false
end

local function load_policy()
  local c = redis.call('HMGET', config, 'version', 'discipline', 'quantum', 'aging', 'horizon', 'slot_share', 'queue_share', 'slots')
  policy = {
    version = tonumber(c[1]), discipline = c[2] or 'fifo', quantum = number(c[3]), aging = number(c[4]),
    horizon = number(c[5]), slot_share = tonumber(c[6] or 100), queue_share = tonumber(c[7] or 100),
  }
  -- Who does not know the queue's rules takes those of the last decision.
  if slots < 0 then slots = number(c[8]) end
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
  local found = redis.call('MGET', epoch, request .. ticket)
  local at = found[1]
  record = found[2]
  if not at then
    at = now + grace
    redis.call('SET', epoch, string.format('%.0f', at))
  end
  return tonumber(at)
end

local function remember(id, r)
  local text = string.format('%s\n%s\n%d\n%d\n%d\n%d\n%d\n%s\n%s',
    r.tenant, r.unit, r.class, r.tokens, r.stamp, r.deadline, r.granted, r.address, r.work)
  redis.call('SET', request .. id, text)
  if id == ticket then record = text end
end

local function unremember(id)
  redis.call('DEL', request .. id)
  if id == ticket then record = false end
end

local function recall(id)
  local text = id == ticket and record or redis.call('GET', request .. id)
  if not text then return nil end
  local tenant, unit, class, tokens, stamp, deadline, granted, address, work = string.match(
    text, '^([^\n]*)\n([^\n]*)\n(%-?%d+)\n(%-?%d+)\n(%-?%d+)\n(%-?%d+)\n(%-?%d+)\n([^\n]*)\n([^\n]*)$')
  return {
    tenant = tenant, unit = unit, class = tonumber(class), tokens = tonumber(tokens),
    stamp = tonumber(stamp), deadline = tonumber(deadline), granted = tonumber(granted), address = address, work = work,
  }
end

local function weight_of(name) return tonumber(redis.call('HGET', weights, name) or 1) end

-- The latest weights count; who weighs 1 is not on record.
local function learn(tenant, unit, of_tenant, of_unit)
  unweighted = of_tenant == '1' and of_unit == '1' and redis.call('EXISTS', weights) == 0
  if unweighted then return end
  for name, weight in pairs({ [tenant] = of_tenant, [tenant .. '/' .. unit] = of_unit }) do
    if weight == '1' then redis.call('HDEL', weights, name) else redis.call('HSET', weights, name, weight) end
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
