-- KEYS[1]: the leases of all nodes. ARGV[1]: the node. ARGV[2]: 1 to begin a lease. ARGV[3]: its milliseconds.
-- ARGV[4]: the term of this server.
-- Returns 0 if the lease has ended, and otherwise nodes whose leases have ended.
if not isPresent(ARGV[4]) then return past end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local lease = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]))
if ARGV[2] == '0' and (not lease or lease < now) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. now, 'LIMIT', 0, 16)
