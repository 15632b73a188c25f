-- The beginning of each script of a room.
--
-- KEYS[1]: the room. Its other keys have the same hash slot.
-- ARGV[1]: the run of this server, as the connection's INFO had it
-- ARGV[2]: 64 random bits in hexadecimal, for a new epoch
-- ARGV[3]: the entry of a break; empty for a server that loses nothing
-- ARGV[4], ARGV[5], ARGV[6]: the messages, bytes and milliseconds that are kept; 0 milliseconds for any age
local room = KEYS[1]
local meta, log, names = room .. ':meta', room .. ':log', room .. ':names'
local found = redis.call(
    'HMGET', meta, 'epoch', 'run', 'last', 'bytes', 'messages', 'oldtime', 'oldbytes', 'oldmessages')
local epoch = found[1]
local last, bytes, messages = tonumber(found[3]) or 0, tonumber(found[4]) or 0, tonumber(found[5]) or 0
-- The time of the oldest entry, and the bytes and messages up to and with it.
local oldTime, oldBytes, oldMessages = tonumber(found[6]), tonumber(found[7]), tonumber(found[8])
local time

local function now()
    if not time then
        local clock = redis.call('TIME')
        time = clock[1] * 1000 + math.floor(clock[2] / 1000)
    end
    return time
end

local function append(entry, messageCount)
    if last == 0 then redis.call('PERSIST', meta) end
    last = last + 1
    bytes = bytes + #entry + 64
    messages = messages + messageCount
    redis.call('XADD', log, last .. '-0', 'e', entry, 't', now(), 'b', bytes, 'm', messages)
    if not oldTime then oldTime, oldBytes, oldMessages = now(), bytes, messages end
    redis.call('PUBLISH', room, last .. '-' .. epoch .. ' ' .. now() .. ' ' .. entry)
end

local function isBeyond(entryTime, entryBytes, entryMessages, slack)
    local age = tonumber(ARGV[6])
    return messages - entryMessages >= ARGV[4] + 32 * slack
        or bytes - entryBytes > ARGV[5] * (1 + slack / 16)
        or (age > 0 and now() - entryTime >= age)
end

-- Drops entries in groups, and at most 32 in a step.
local function trim()
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 33)
    local index = 1
    while true do
        local fields = oldest[index][2]
        oldTime, oldBytes, oldMessages = tonumber(fields[4]), tonumber(fields[6]), tonumber(fields[8])
        if index == #oldest or not isBeyond(oldTime, oldBytes, oldMessages, 0) then break end
        index = index + 1
    end
    if index > 1 then redis.call('XTRIM', log, 'MINID', oldest[index][1]) end
end

-- Ends a step that has appended.
local function finish()
    if isBeyond(oldTime, oldBytes, oldMessages, 1) then trim() end
    redis.call(
        'HSET', meta, 'last', last, 'bytes', bytes, 'messages', messages,
        'oldtime', oldTime, 'oldbytes', oldBytes, 'oldmessages', oldMessages)
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

if not epoch then
    -- A room that nobody has used, or that was lost.
    epoch = ARGV[2]
    redis.call('DEL', log, room .. ':keys', room .. ':keys:old')
    redis.call('HSET', meta, 'epoch', epoch, 'run', ARGV[1], 'last', 0)
    -- Until the first entry.
    redis.call('EXPIRE', meta, 86400)
elseif found[2] ~= ARGV[1] then
    -- Another process took the writes, and may have had more of them.
    local line = (redis.call('HGET', meta, 'earlier') or '') .. epoch .. ' ' .. last .. ' '
    local earlier = {}
    for each in string.gmatch(line, '%x+ %d+ ') do earlier[#earlier + 1] = each end
    epoch = ARGV[2] .. string.sub(epoch, -16)
    redis.call(
        'HSET', meta, 'epoch', epoch, 'run', ARGV[1],
        'earlier', table.concat(earlier, '', math.max(1, #earlier - 15)))
    if ARGV[3] ~= '' then
        append(ARGV[3], 0)
        finish()
    end
end
