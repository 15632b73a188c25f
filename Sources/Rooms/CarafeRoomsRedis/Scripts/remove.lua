-- ARGV[7]: the name. ARGV[8], ARGV[9]: the entries of the removal and of left.
-- ARGV[10]: the beginning of the keys with the claims of a node. ARGV[11]: the claim in them.
local name = ARGV[7]
local held = redis.call('HGET', names, name)
append(ARGV[8], 0)
if held then
    redis.call('HDEL', names, name)
    for node in string.gmatch(held, '(%x+)[+-]') do redis.call('SREM', ARGV[10] .. node, ARGV[11]) end
    append(ARGV[9], 0)
end
finish()
return 1
