-- Adds, from 12: waiter µs, longest queue, version of the caller's policy, tenant, unit, class, tokens, µs waited already,
-- µs until the deadline (-1: none), tokens used (-1, or the caller yields the slot that it holds), weights of tenant and unit,
-- where the holder hears that it shall yield (empty: it cannot), the works it is part of, with spaces between.
-- Returns {1} granted;
-- {0, waiters, ms until anybody can be let in, ms the caller should sleep for all, ms the provider wants no calls, ms for which
-- leases are unknown} waiting;
-- {-1, waiters, ms after which to come again} full; {-2} the caller must bring its policy.
register('enter', function(keys, arguments)
  local epoch_at = begin(keys, arguments, 25)
  local used, yielding = tonumber(given[21]), false
  -- A ticket without a record neither holds nor waits.
  local is_known = record
  if is_known and redis.call('ZSCORE', leases, ticket) then
    if used < 0 then
      redis.call('ZADD', leases, now + lease, ticket)
      redis.call('DEL', wake .. ticket)
      return { 1 }
    end
    drop(ticket, used)
    yielding = true
  end
  if not is_known or yielding or not redis.call('ZSCORE', seen, ticket) then
    if not policy.version or tonumber(given[14]) > policy.version then
      if not yielding then return { -2 } end
    end
    local r = {
      tenant = given[15], unit = given[16], class = tonumber(given[17]), tokens = tonumber(given[18]),
      stamp = now - tonumber(given[19]), deadline = tonumber(given[20]), granted = 0, address = given[24], work = given[25],
    }
    inherit(r)
    -- Where classes count, who was preempted keeps its age, or it could be overtaken for ever; else it goes to the end.
    if yielding and not line.ranks() then r.stamp = now end
    r.deadline = now + (r.deadline < 0 and policy.horizon or r.deadline)
    local length, longest = waiting, tonumber(given[13])
    local places = math.max(1, math.floor(longest * policy.queue_share / 100))
    if not yielding and (length >= longest or length >= places and number(redis.call('HGET', queued, r.tenant)) >= places) then
      local hold = tonumber(redis.call('HGET', state, 'hold') or 5000000)
      return { -1, length, math.ceil(math.min(math.max(hold * (length + 1) / math.max(slots, 1), 1000000), 60000000) / 1000) }
    end
    learn(r.tenant, r.unit, given[22], given[23])
    work_begin(ticket, r)
    if length == 0 and now >= epoch_at and redis.call('ZCARD', leases) < slots and not barred(r.tenant)
      and pace_wait(r.tokens) == 0 then
      line.pass(ticket, r)
      admit(ticket, r)
      return { 1 }
    end
    await(ticket, r)
  end
  redis.call('ZADD', seen, now + tonumber(given[12]), ticket)
  let_in(epoch_at)
  if redis.call('ZSCORE', leases, ticket) then
    keep_clock(false)
    redis.call('DEL', wake .. ticket)
    return { 1 }
  end
  local sleep = keep_clock(ticket)
  return { 0, redis.call('ZCARD', seen), math.ceil(blocked / 1000), math.ceil(sleep / 1000), math.ceil(stopped / 1000),
    math.ceil(math.max(epoch_at - now, 0) / 1000) }
end)
