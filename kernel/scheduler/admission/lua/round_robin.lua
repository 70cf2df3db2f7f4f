-- Deficit round robin over tenants (policies/round_robin.py).
-- turn and credit: by tenant, the round in which it is served next and its credit then; state has the current round and tenant.
local function round_robin()
  local own = {}
  local turn, credit

  function own.bind() turn, credit = Q .. 'turn', Q .. 'credit' end

  local function lane(tenant) return Q .. 'lane:' .. tenant end
  local function quantum(tenant) return policy.quantum * weight_of(tenant) end

  local function next_visit(tenant)
    local current = redis.call('HMGET', state, 'round', 'last')
    local round = number(current[1])
    return behind(tenant, current[2] or '') and round or round + 1
  end

  -- Rounds until the credit covers so many tokens.
  local function rounds(tokens, has, each) return math.max(0, math.ceil((tokens - has) / each)) end

  local function put_off(tenant, round, has)
    local each, head = quantum(tenant), recall(head_of(lane(tenant)))
    local more = rounds(head.tokens, has, each)
    redis.call('HSET', turn, tenant, round + more)
    redis.call('HSET', credit, tenant, has + more * each)
    offer(tenant, round + more)
  end

  function own.add(id, r)
    redis.call('ZADD', lane(r.tenant), r.stamp, id)
    local round = tonumber(redis.call('HGET', turn, r.tenant))
    if round then
      put_off(r.tenant, round, number(redis.call('HGET', credit, r.tenant)))
    else
      put_off(r.tenant, next_visit(r.tenant), quantum(r.tenant))
    end
  end

  function own.remove(id, r)
    redis.call('ZREM', lane(r.tenant), id)
    if head_of(lane(r.tenant)) then
      put_off(r.tenant, number(redis.call('HGET', turn, r.tenant)), number(redis.call('HGET', credit, r.tenant)))
    else
      redis.call('HDEL', turn, r.tenant)
      redis.call('HDEL', credit, r.tenant)
      withdraw(r.tenant)
    end
  end

  function own.prepare() end
  function own.ranks() return false end
  function own.first(tenant) return head_of(lane(tenant)) end

  function own.take(id, r)
    redis.call('HSET', state, 'round', redis.call('HGET', turn, r.tenant), 'last', r.tenant)
    redis.call('HINCRBY', credit, r.tenant, -r.tokens)
    own.remove(id, r)
  end

  -- Added and taken in one: nobody waits.
  function own.pass(id, r)
    local each = quantum(r.tenant)
    redis.call('HSET', state, 'round', next_visit(r.tenant) + rounds(r.tokens, each, each), 'last', r.tenant)
  end

  function own.settle(r, used)
    local round = tonumber(redis.call('HGET', turn, r.tenant))
    if round then put_off(r.tenant, round, number(redis.call('HGET', credit, r.tenant)) + r.tokens - used) end
  end

  function own.unbar(tenant)
    local round = tonumber(redis.call('HGET', turn, tenant))
    if not round then return end
    round = math.max(round, next_visit(tenant))
    redis.call('HSET', turn, tenant, round)
    offer(tenant, round)
  end

  function own.wipe(tenant)
    redis.call('DEL', lane(tenant), turn, credit)
    redis.call('HDEL', state, 'round', 'last')
  end
  return own
end
