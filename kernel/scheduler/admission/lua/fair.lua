-- Start-time fair queueing over tenants, within each over classes, within each over units (policies/fair.py, virtual_time.py).
-- A node has starts<of> (children that wait, by start tag), ended<of> (finish tags of idle ones) and its virtual time.
local function fair()
  local own, scale = {}, 1000
  local virtual, known, root

  local function node(of) return { starts = Q .. 'starts' .. of, ended = Q .. 'ended' .. of, of = of } end

  function own.bind() virtual, known, root = Q .. 'virtual', Q .. 'known', node('') end

  local function lane(tenant, class, unit) return Q .. 'lane:' .. tenant .. '\n' .. class .. '\n' .. unit end
  local function time_of(n) return number(redis.call('HGET', virtual, n.of)) end

  -- From the root down: each node with the child that the request goes through. A class is a digit, so of two that are even the
  -- higher comes first.
  local function path(r)
    local class = string.format('%.0f', r.class)
    return {
      { n = root, child = r.tenant },
      { n = node(':' .. r.tenant), child = class },
      { n = node(':' .. r.tenant .. '\n' .. class), child = r.unit },
    }, lane(r.tenant, class, r.unit)
  end

  -- What tokens cost on each level, given the weights.
  local function pricing(r)
    local w = unweighted and {} or redis.call('HMGET', weights, r.tenant, r.tenant .. '/' .. r.unit)
    local each = { tonumber(w[1] or 1), CLASS_WEIGHTS[r.class], tonumber(w[2] or 1) }
    return function(level, tokens) return math.floor(tokens * scale / each[level]) end
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
    local levels, at = path(r)
    redis.call('SADD', known, r.tenant)
    redis.call('ZADD', at, r.stamp, id)
    for level = 3, 1, -1 do
      local n, child = levels[level].n, levels[level].child
      if redis.call('ZSCORE', n.starts, child) then return end
      local start = begin(n, child)
      if level == 1 then offer(child, start) end
    end
  end

  function own.remove(id, r)
    local levels, at = path(r)
    redis.call('ZREM', at, id)
    local below = at
    for level = 3, 1, -1 do
      if redis.call('EXISTS', below) == 1 then return end
      finish(levels[level].n, levels[level].child)
      below = levels[level].n.starts
    end
    withdraw(r.tenant)
  end

  function own.prepare() end
  function own.ranks() return true end
  function own.class_of(r) return r.class end

  function own.first(tenant)
    local class = head_of(node(':' .. tenant).starts)
    return head_of(lane(tenant, class, head_of(node(':' .. tenant .. '\n' .. class).starts)))
  end

  function own.take(id, r)
    local levels, at = path(r)
    local price = pricing(r)
    redis.call('ZREM', at, id)
    local below, start = at, nil
    for level = 3, 1, -1 do
      start = serve(levels[level].n, levels[level].child, price(level, r.tokens), redis.call('EXISTS', below) == 1)
      below = levels[level].n.starts
    end
    if start then offer(r.tenant, start) else withdraw(r.tenant) end
  end

  -- Added and taken in one: nobody waits.
  function own.pass(id, r)
    local levels, price = path(r), pricing(r)
    local times = redis.call('HMGET', virtual, levels[1].n.of, levels[2].n.of, levels[3].n.of)
    if not times[3] then redis.call('SADD', known, r.tenant) end
    -- Nearly always nothing is held against anybody: one question instead of six.
    local kept = redis.call('EXISTS', levels[1].n.ended, levels[2].n.ended, levels[3].n.ended) > 0
    for level = 1, 3 do
      local n = levels[level].n
      local ended = kept and redis.call('ZSCORE', n.ended, levels[level].child)
      times[level] = math.max(number(times[level]), number(ended or 0)) + price(level, r.tokens)
      if kept then redis.call('ZREMRANGEBYSCORE', n.ended, '-inf', times[level]) end
    end
    redis.call('HSET', virtual, levels[1].n.of, times[1], levels[2].n.of, times[2], levels[3].n.of, times[3])
  end

  function own.settle(r, used)
    if used == r.tokens then return end
    local levels = path(r)
    local a, b, c = levels[1].n, levels[2].n, levels[3].n
    -- Nobody waits and nothing is held against anybody: there is nothing to give back.
    if used < r.tokens and redis.call('EXISTS', a.starts, a.ended, b.starts, b.ended, c.starts, c.ended) == 0 then return end
    local price, start = pricing(r), nil
    redis.call('SADD', known, r.tenant)
    for level = 3, 1, -1 do
      start = correct(levels[level].n, levels[level].child, price(level, used) - price(level, r.tokens))
    end
    if start then offer(r.tenant, start) end
  end

  function own.unbar(tenant)
    local start = tonumber(redis.call('ZSCORE', root.starts, tenant))
    if not start then return end
    start = math.max(time_of(root), start)
    redis.call('ZADD', root.starts, start, tenant)
    offer(tenant, start)
  end

  -- Called for each request that waits; what idle tenants left behind goes with the first.
  function own.wipe(tenant, r)
    if r then redis.call('DEL', lane(tenant, string.format('%.0f', r.class), r.unit)) end
    for _, name in ipairs(redis.call('SMEMBERS', known)) do
      for _, of in ipairs({ '', '\n0', '\n1', '\n2' }) do
        local n = node(':' .. name .. of)
        redis.call('DEL', n.starts, n.ended)
      end
    end
    redis.call('DEL', root.starts, root.ended, virtual, known)
  end
  return own
end
