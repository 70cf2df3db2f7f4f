-- Start-time fair queueing over tenants and, within each, over leaves (policies/fair.py, policies/virtual_time.py).
-- A node has starts<of> (children that wait, by start tag), ended<of> (finish tags of idle ones) and its virtual time.
local function fair()
  local own, virtual, known, scale = {}, Q .. 'virtual', Q .. 'known', 1000
  local root = { starts = Q .. 'starts', ended = Q .. 'ended', of = '' }

  local function node(tenant)
    return { starts = Q .. 'starts:' .. tenant, ended = Q .. 'ended:' .. tenant, of = ':' .. tenant }
  end
  local function leaf_of(r) return r.unit .. '/' .. string.format('%.0f', r.class) end
  local function lane(tenant, leaf) return Q .. 'lane:' .. tenant .. '\n' .. leaf end
  local function time_of(n) return number(redis.call('HGET', virtual, n.of)) end

  -- What tokens cost the tenant and the leaf, given their weights.
  local function prices(r)
    local w = redis.call('HMGET', weights, r.tenant, r.tenant .. '/' .. r.unit)
    local class = tonumber(redis.call('HGET', config, 'class' .. string.format('%.0f', r.class)))
    local tenant, leaf = tonumber(w[1] or 1), tonumber(w[2] or 1) * class
    return function(tokens) return math.floor(tokens * scale / tenant), math.floor(tokens * scale / leaf) end
  end

  local function keep(n, child, tag)
    if tag > time_of(n) then redis.call('ZADD', n.ended, tag, child) else redis.call('ZREM', n.ended, child) end
  end

  local function begin(n, child)
    local tag = math.max(time_of(n), number(redis.call('ZSCORE', n.ended, child)))
    redis.call('ZREM', n.ended, child)
    redis.call('ZADD', n.starts, tag, child)
    return tag
  end

  local function finish(n, child)
    local tag = number(redis.call('ZSCORE', n.starts, child))
    redis.call('ZREM', n.starts, child)
    keep(n, child, tag)
  end

  local function advance(n, time)
    redis.call('HSET', virtual, n.of, time)
    redis.call('ZREMRANGEBYSCORE', n.ended, '-inf', time)
  end

  local function serve(n, child, cost, waits_on)
    local start = number(redis.call('ZSCORE', n.starts, child))
    local time = math.max(time_of(n), start)
    advance(n, time)
    if waits_on then
      redis.call('ZADD', n.starts, start + cost, child)
      return start + cost
    end
    redis.call('ZREM', n.starts, child)
    if redis.call('EXISTS', n.starts) == 1 then
      keep(n, child, start + cost)
    elseif start + cost > time then
      advance(n, start + cost)
    end
  end

  local function correct(n, child, difference)
    local start = tonumber(redis.call('ZSCORE', n.starts, child))
    if start then
      redis.call('ZADD', n.starts, start + difference, child)
      return start + difference
    end
    local ended = tonumber(redis.call('ZSCORE', n.ended, child))
    if ended or difference > 0 then keep(n, child, (ended or time_of(n)) + difference) end
  end

  function own.add(id, r)
    local n, leaf = node(r.tenant), leaf_of(r)
    redis.call('SADD', known, r.tenant)
    redis.call('ZADD', lane(r.tenant, leaf), r.stamp, id)
    if not redis.call('ZSCORE', n.starts, leaf) then begin(n, leaf) end
    if not redis.call('ZSCORE', root.starts, r.tenant) then offer(r.tenant, begin(root, r.tenant)) end
  end

  function own.remove(id, r)
    local n, leaf = node(r.tenant), leaf_of(r)
    redis.call('ZREM', lane(r.tenant, leaf), id)
    if redis.call('EXISTS', lane(r.tenant, leaf)) == 1 then return end
    finish(n, leaf)
    if redis.call('EXISTS', n.starts) == 1 then return end
    finish(root, r.tenant)
    withdraw(r.tenant)
  end

  function own.prepare() end
  function own.first(tenant) return head_of(lane(tenant, head_of(node(tenant).starts))) end

  function own.take(id, r)
    local n, leaf, price = node(r.tenant), leaf_of(r), prices(r)
    local for_tenant, for_leaf = price(r.tokens)
    redis.call('ZREM', lane(r.tenant, leaf), id)
    serve(n, leaf, for_leaf, redis.call('EXISTS', lane(r.tenant, leaf)) == 1)
    local start = serve(root, r.tenant, for_tenant, redis.call('EXISTS', n.starts) == 1)
    if start then offer(r.tenant, start) else withdraw(r.tenant) end
  end

  -- Added and taken in one: nobody waits.
  function own.pass(id, r)
    local n, leaf, price = node(r.tenant), leaf_of(r), prices(r)
    local for_tenant, for_leaf = price(r.tokens)
    redis.call('SADD', known, r.tenant)
    advance(n, math.max(time_of(n), number(redis.call('ZSCORE', n.ended, leaf))) + for_leaf)
    advance(root, math.max(time_of(root), number(redis.call('ZSCORE', root.ended, r.tenant))) + for_tenant)
  end

  function own.settle(r, used)
    if used == r.tokens then return end
    local price = prices(r)
    local tenant_used, leaf_used = price(used)
    local tenant_charged, leaf_charged = price(r.tokens)
    redis.call('SADD', known, r.tenant)
    correct(node(r.tenant), leaf_of(r), leaf_used - leaf_charged)
    local start = correct(root, r.tenant, tenant_used - tenant_charged)
    if start then offer(r.tenant, start) end
  end

  function own.unbar(tenant)
    local start = tonumber(redis.call('ZSCORE', root.starts, tenant))
    if not start then return end
    start = math.max(time_of(root), start)
    redis.call('ZADD', root.starts, start, tenant)
    offer(tenant, start)
  end

  -- Called for each tenant that waits; what idle ones left behind goes with the first.
  function own.wipe(tenant, r)
    if r then redis.call('DEL', lane(tenant, leaf_of(r))) end
    for _, name in ipairs(redis.call('SMEMBERS', known)) do redis.call('DEL', node(name).starts, node(name).ended) end
    redis.call('DEL', root.starts, root.ended, virtual, known)
  end
  return own
end
