-- The beginning of each script of a room.
--
-- KEYS[1]: the room. Its other keys have the same hash slot.
-- ARGV[1]: the term of this server, as the connection's INFO had it
-- ARGV[2]: 64 random bits in hexadecimal, for a new epoch
-- ARGV[3]: the entry of a break; empty for a server that loses nothing
-- ARGV[4], ARGV[5], ARGV[6]: the messages, bytes and milliseconds that are kept; 0 milliseconds for any age
local room = KEYS[1]
local meta, log, names = room .. ':meta', room .. ':log', room .. ':names'
local found = redis.call(
    'HMGET', meta, 'epoch', 'term', 'last', 'bytes', 'messages', 'oldest', 'oldtime', 'oldbytes',
    'oldmessages')
local epoch = found[1]
local last, bytes, messages = tonumber(found[3]) or 0, tonumber(found[4]) or 0, tonumber(found[5]) or 0
-- The offset and time of the oldest entry, and the bytes and messages up to and with it.
local oldest, oldTime = tonumber(found[6]), tonumber(found[7])
local oldBytes, oldMessages = tonumber(found[8]), tonumber(found[9])
local time

local function now()
    if not time then
        local clock = redis.call('TIME')
        time = clock[1] * 1000 + math.floor(clock[2] / 1000)
    end
    return time
end

local function keepOldest(offset, entryTime, entryBytes, entryMessages)
    oldest, oldTime, oldBytes, oldMessages = offset, entryTime, entryBytes, entryMessages
    redis.call(
        'HSET', meta, 'oldest', oldest, 'oldtime', oldTime, 'oldbytes', oldBytes, 'oldmessages', oldMessages)
end

local function append(entry, messageCount)
    if last == 0 then redis.call('PERSIST', meta) end
    last = last + 1
    bytes = bytes + #entry + 64
    messages = messages + messageCount
    redis.call('XADD', log, last .. '-0', 'e', entry, 't', now(), 'b', bytes, 'm', messages)
    if not oldest then keepOldest(last, now(), bytes, messages) end
    redis.call('PUBLISH', room, last .. '-' .. epoch .. ' ' .. now() .. ' ' .. entry)
end

local function isBeyond(entryTime, entryBytes, entryMessages, slack)
    local age = tonumber(ARGV[6])
    return messages - entryMessages >= ARGV[4] + 32 * slack
        or bytes - entryBytes > ARGV[5] * (1 + slack / 16)
        or (age > 0 and now() - entryTime >= age)
end

-- Drops the oldest entry, and as many of the 31 after it as a few looks find beyond the limits: an entry is beyond them
-- with all before it. If the whole log has expired, its first entry is found again.
local function trim()
    local step = 32
    while step >= 1 do
        local entry = redis.call('XRANGE', log, (oldest + step) .. '-0', '+', 'COUNT', 1)[1]
        if entry then
            local fields = entry[2]
            local entryTime, entryBytes, entryMessages = tonumber(fields[4]), tonumber(fields[6]), tonumber(fields[8])
            if step == 1 or isBeyond(entryTime, entryBytes, entryMessages, 0) then
                redis.call('XTRIM', log, 'MINID', entry[1])
                return keepOldest(tonumber(string.match(entry[1], '%d+')), entryTime, entryBytes, entryMessages)
            end
        end
        step = step / 2
    end
end

-- Ends a step that has appended.
local function finish()
    if isBeyond(oldTime, oldBytes, oldMessages, 1) then trim() end
    redis.call('HSET', meta, 'last', last, 'bytes', bytes, 'messages', messages)
    if ARGV[6] ~= '0' then redis.call('PEXPIRE', log, ARGV[6]) end
end

-- Returns entries from an ID on: about 1 MiB, and at most 512.
local function page(start)
    local entries, size = {}, 0
    repeat
        local some = redis.call('XRANGE', log, start, '+', 'COUNT', 32)
        for _, entry in ipairs(some) do
            entries[#entries + 1] = entry
            size = size + #entry[2][2]
            start = '(' .. entry[1]
        end
    until #some < 32 or size > 1048576 or #entries >= 512
    return entries
end

if not isPresent(ARGV[1]) then return past end
if not epoch then
    -- A room that nobody has used, or that was lost.
    epoch = ARGV[2]
    redis.call('DEL', log, room .. ':keys', room .. ':keys:old')
    redis.call('HSET', meta, 'epoch', epoch, 'term', ARGV[1], 'last', 0)
    -- Until the first entry.
    redis.call('EXPIRE', meta, 86400)
elseif found[2] ~= ARGV[1] then
    -- In another term there may have been more writes.
    local line = (redis.call('HGET', meta, 'earlier') or '') .. epoch .. ' ' .. last .. ' '
    local earlier = {}
    for each in string.gmatch(line, '%x+ %d+ ') do earlier[#earlier + 1] = each end
    epoch = ARGV[2] .. string.sub(epoch, -16)
    redis.call(
        'HSET', meta, 'epoch', epoch, 'term', ARGV[1],
        'earlier', table.concat(earlier, '', math.max(1, #earlier - 15)))
    if ARGV[3] ~= '' then
        append(ARGV[3], 0)
        finish()
    end
end
