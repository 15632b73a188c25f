-- ARGV[7]: the entry. ARGV[8]: its idempotency key, or empty. ARGV[9]: 1 if only ARGV[10] and on get it.
-- Returns the position; 0 if nobody of the audience is here.
local keys, key = room .. ':keys', ARGV[8]
if key ~= '' then
    local known = redis.call('HGET', keys, key) or redis.call('HGET', keys .. ':old', key)
    if known then
        -- A write, so that a WAIT after it waits for the entry.
        redis.call('HSET', keys, key, known)
        return known
    end
end
if ARGV[9] then
    local isHere = false
    for index = 10, #ARGV do
        if redis.call('HEXISTS', names, ARGV[index]) == 1 then
            isHere = true
            break
        end
    end
    if not isHere then return 0 end
end
append(ARGV[7], 1)
finish()
local position = last .. '-' .. epoch
if key ~= '' then
    redis.call('HSET', keys, key, position)
    redis.call('EXPIRE', keys, 86400)
    -- Two generations, each of at least 4000 keys and two minutes, and of 1000000 at most.
    local count = redis.call('HLEN', keys)
    if count >= 4000 then
        local begun = tonumber(redis.call('HGET', meta, 'keystime')) or 0
        if now() - begun >= 120000 or count >= 1000000 then
            -- To delete many takes long.
            redis.call('UNLINK', keys .. ':old')
            redis.call('RENAME', keys, keys .. ':old')
            redis.call('HSET', meta, 'keystime', now())
        end
    end
end
return position
