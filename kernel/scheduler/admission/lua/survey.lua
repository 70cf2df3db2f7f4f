-- Returns as JSON who holds and who waits, the last waits, and what stops the queue: for people to look at. Times in µs.
register('survey', function(keys, arguments)
  local epoch_at = begin(keys, arguments)
  local function row(id, since)
    local r = recall(id)
    return r and { tenant = r.tenant, unit = r.unit, class = r.class, tokens = r.tokens, since = now - r[since],
      told = redis.call('HEXISTS', told, id) == 1 }
  end
  local found = {
    slots = slots, discipline = policy.discipline, unknown_until = math.max(epoch_at - now, 0), blocked = pace_wait(0), stopped = stopped,
    holding = {}, waiting = {}, waits = redis.call('LRANGE', waits, 0, -1),
  }
  for _, id in ipairs(redis.call('ZRANGE', leases, 0, -1)) do table.insert(found.holding, row(id, 'granted')) end
  for _, id in ipairs(redis.call('ZRANGE', seen, 0, -1)) do table.insert(found.waiting, row(id, 'stamp')) end
  return cjson.encode(found)
end)
