-- Adds, from 12: µs to pause (0: none), requests left (-1: not said), µs until that counts, tokens left, µs until that counts.
-- Notes what the provider said; who may go for it is decided anew.
register('observe', function(keys, arguments)
  local epoch_at = begin(keys, arguments)
  local pause = tonumber(given[12])
  if pause > 0 then
    local paused = number(redis.call('HGET', Q .. 'pace', 'paused'))
    redis.call('HSET', Q .. 'pace', 'paused', math.max(paused, now + pause))
  end
  for at, kind in ipairs({ 'requests', 'tokens' }) do
    local left = tonumber(given[11 + 2 * at])
    if left >= 0 then
      redis.call('HSET', Q .. 'pace', 'left_' .. kind, left, 'left_' .. kind .. '_until', now + tonumber(given[12 + 2 * at]))
    end
  end
  let_in(epoch_at)
  keep_clock(false)
  return 1
end)
