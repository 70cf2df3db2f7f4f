-- First come, strict priority with aging, earliest deadline: policies that are an order of the requests (policies/ordered.py).
-- lane:<tenant> has its tickets by key; turns has each tenant by the key of its first.
local function ordered()
  local own, step = {}, 2 ^ 50
  local rises, by_deadline

  function own.bind()
    rises, by_deadline = Q .. 'rises', policy.discipline == 'deadline'
  end

  local function class_now(r)
    return math.max(0, r.class - math.floor((now - r.stamp) / policy.aging))
  end

  -- First come, first served knows no classes.
  function own.ranks() return policy.discipline ~= 'fifo' end
  own.class_of = class_now

  local function key(r)
    if by_deadline then return class_now(r) * step + r.deadline end
    if policy.discipline == 'priority' then return r.stamp + r.class * policy.aging end
    return r.stamp
  end

  local function lane(tenant) return Q .. 'lane:' .. tenant end

  local function place(tenant)
    local head = redis.call('ZRANGE', lane(tenant), 0, 0, 'WITHSCORES')
    if head[1] then offer(tenant, head[2]) else withdraw(tenant) end
  end

  -- Enters a request with the key of the moment, and notes when it rises by a class.
  local function put(id, r)
    redis.call('ZADD', lane(r.tenant), key(r), id)
    if not by_deadline then return end
    local class = class_now(r)
    if class > 0 then
      redis.call('ZADD', rises, r.stamp + (r.class - class + 1) * policy.aging, id)
    else
      redis.call('ZREM', rises, id)
    end
  end

  function own.add(id, r)
    put(id, r)
    place(r.tenant)
  end

  function own.remove(id, r)
    redis.call('ZREM', lane(r.tenant), id)
    if by_deadline then redis.call('ZREM', rises, id) end
    place(r.tenant)
  end

  function own.prepare()
    if not by_deadline then return end
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', rises, '-inf', now)) do
      local r = recall(id)
      put(id, r)
      place(r.tenant)
    end
  end

  function own.first(tenant) return head_of(lane(tenant)) end
  function own.take(id, r) own.remove(id, r) end
  function own.pass() end
  function own.settle() end
  function own.unbar(tenant) place(tenant) end
  function own.wipe(tenant) redis.call('DEL', lane(tenant), rises) end
  return own
end
