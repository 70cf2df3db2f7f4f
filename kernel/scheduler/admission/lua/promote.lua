-- Adds, from 12: work, class, seconds. Everything that belongs to the work is of that class at least, now and what comes within so
-- many seconds. Returns how many of its requests rose by it.
register('promote', function(keys, arguments)
  read(keys, arguments)
  local name, class, rose = given[12], tonumber(given[13]), 0
  local before = tonumber(redis.call('GET', CLASS .. name) or 9)
  if class <= before then redis.call('SET', CLASS .. name, class, 'PX', given[14]) end
  of_work(name, function(id, r)
    if not r or r.class <= class then return end
    slots = -1
    paces_forget()
    use_policy()
    rose = rose + 1
    if redis.call('ZSCORE', seen, id) then
      line.remove(id, r)
      r.class = class
      remember(id, r)
      line.add(id, r)
    else
      r.class = class
      remember(id, r)
      if redis.call('ZSCORE', streams, id) then stream_offer(id, r) end
      if redis.call('HEXISTS', told, id) == 1 then stream_spare(id) end
    end
    room_seek()
  end)
  return rose
end)
