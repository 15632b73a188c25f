-- KEYS[2]: the leases of all nodes. KEYS[3]: the claims of the node.
-- ARGV[7]: the name. ARGV[8]: the node. ARGV[9]: + for connected, - for away, empty for none.
-- ARGV[10]: 1 to be refused if another node has a connection. ARGV[11], ARGV[12]: the entries of joined and left.
-- ARGV[13]: the claim in KEYS[3].
-- Returns 1; 0 if the name is in use, -1 if the node's lease has ended.
local name, node, claim = ARGV[7], ARGV[8], ARGV[9]
if claim ~= '' then
    local lease = tonumber(redis.call('ZSCORE', KEYS[2], node))
    if not lease or lease < now() then return -1 end
end
local held = redis.call('HGET', names, name) or ''
local kept = ''
for other, state in string.gmatch(held, '(%x+)([+-])') do
    if other ~= node then kept = kept .. other .. state end
end
if ARGV[10] == '1' and string.find(kept, '+', 1, true) then return 0 end
if claim ~= '' then
    kept = kept .. node .. claim
    redis.call('SADD', KEYS[3], ARGV[13])
    redis.call('HSET', names, name, kept)
else
    redis.call('SREM', KEYS[3], ARGV[13])
    if kept == '' then redis.call('HDEL', names, name) else redis.call('HSET', names, name, kept) end
end
if held == '' and kept ~= '' then
    append(ARGV[11], 0)
    finish()
elseif held ~= '' and kept == '' then
    append(ARGV[12], 0)
    finish()
end
return 1
