-- Requests and tokens a minute (policies/pacing.py), and what the provider said about them.
-- A pace's hash: requests and tokens (when all that went would have come one by one), paused (until when), and what the provider
-- said is left, with the time until which that counts.
local burst, paces
-- How long the provider wants no calls at all, as far as the last question to pace_wait showed.
local stopped

local function pace_load(key, per_minute, tokens_per_minute, always)
  if not (always or per_minute > 0 or tokens_per_minute > 0) then return end
  -- Nearly always a queue has no limits and its provider has said nothing.
  if per_minute == 0 and tokens_per_minute == 0 and redis.call('EXISTS', key) == 0 then return end
  local f = redis.call('HMGET', key, 'requests', 'tokens', 'paused', 'left_requests', 'left_requests_until',
    'left_tokens', 'left_tokens_until')
  table.insert(paces, {
    key = key, limits = { requests = per_minute, tokens = tokens_per_minute },
    due = { requests = number(f[1]), tokens = number(f[2]) }, paused = number(f[3]),
    left = { requests = number(f[4]), tokens = number(f[6]) }, till = { requests = number(f[5]), tokens = number(f[7]) },
  })
end

local function paces_load()
  if paces then return end
  paces = {}
  pace_load(Q .. 'pace', tonumber(given[7]), tonumber(given[8]), true)
  pace_load('vos:admission:pace:' .. given[9], tonumber(given[10]), tonumber(given[11]), false)
end

local function paces_forget() burst, paces, stopped = tonumber(given[6]), nil, 0 end

local function pace_cost(amount, per_minute) return math.ceil(amount * (60000000 + burst) / per_minute) end

-- How long until so many tokens may go; 0 for now.
local function pace_wait(tokens)
  paces_load()
  local wait = 0
  stopped = 0
  for _, pace in ipairs(paces) do
    stopped = math.max(stopped, pace.paused - now)
    for kind, amount in pairs({ requests = 1, tokens = tokens }) do
      if pace.limits[kind] > 0 then
        local cost = pace_cost(amount, pace.limits[kind])
        wait = math.max(wait, pace.due[kind] + cost - math.max(burst, cost) - now)
      end
      if pace.till[kind] > now and pace.left[kind] < amount then stopped = math.max(stopped, pace.till[kind] - now) end
    end
  end
  return math.max(wait, stopped)
end

local function pace_take(tokens)
  paces_load()
  for _, pace in ipairs(paces) do
    for kind, amount in pairs({ requests = 1, tokens = tokens }) do
      if pace.limits[kind] > 0 then
        pace.due[kind] = math.max(pace.due[kind], now) + pace_cost(amount, pace.limits[kind])
        redis.call('HSET', pace.key, kind, pace.due[kind])
      end
      if pace.till[kind] > now then
        pace.left[kind] = pace.left[kind] - amount
        redis.call('HSET', pace.key, 'left_' .. kind, pace.left[kind])
      end
    end
  end
end

-- Of the tokens taken, so many were used in truth.
local function pace_settle(taken, used)
  if taken == used or (tonumber(given[8]) == 0 and tonumber(given[11]) == 0) then return end
  paces_load()
  for _, pace in ipairs(paces) do
    local limit = pace.limits.tokens
    if limit > 0 then
      pace.due.tokens = pace.due.tokens + pace_cost(used, limit) - pace_cost(taken, limit)
      redis.call('HSET', pace.key, 'tokens', pace.due.tokens)
    end
  end
end
