/**
 * A channel is one hash, so that it lies in one slot and moves between the nodes of a Cluster as a whole. Its fields:
 * - `h` the head: when the newest message was stored (13; the server's clock, ms, never backwards), its digest (12), its offset, a space, the epoch.
 * - `f` the floor: the history holds the offsets f + 1 to the head's; `g` the digest at f.
 * - `m<n>` message n: digest (12), time (13), id (percent-encoded), a space, and the rest as the gateway gave it.
 *   Below the floor only what is needed to know the id: up to and with the space.
 * - `i<id>` the offset at which that id stands.
 * - `s` up to where bodies were let go, `k` up to where records and ids were: k ≤ s ≤ f ≤ the head's offset.
 *
 * Every script begins with this. ARGV: 1 whether it tells listeners itself; 2 the epoch of a new channel, messages kept, their age, how long ids are
 * remembered, how many, how long an idle channel lives (ages in ms), all in one text, since most of it is needed now and then. The reply begins with what
 * was not told. Fewer calls, tables and numbers than one would write elsewhere: each costs about as much as storing the message.
 */
const PRELUDE = `
local key, call, sub = KEYS[1], redis.call, string.sub
local clock = call('TIME')
local stamp = clock[1] .. sub('00000' .. clock[2], -6, -4)
local untold = {}
`;

/** What the head says; a new channel gets its epoch. */
const BEGIN = `
local e, o, d, t = '', 0, '', ''
if h then
  t, d = sub(h, 1, 13), sub(h, 14, 25)
  o, e = string.match(h, '^(%d+) (.*)', 26)
  o = tonumber(o)
  if o == 0 then d = '' end
  if stamp < t then stamp = t end
else
  e = string.match(ARGV[2], '^%S+')
end
`;

/**
 * Moves the floor to where the limits have it, then lets go of at most so many bodies and so many records (Lua). For want of memory bodies may have to stay a while.
 * It is a block, not a function: making closures would cost every publish more than it takes.
 */
const settle = (budget: string): string => `
local budget = ${budget}
local now = tonumber(stamp)
local maxMessages, maxAge, idsMs, maxIds = string.match(ARGV[2], ' (%d+) (%d+) (%d+) (%d+)')
maxMessages, maxAge, idsMs, maxIds = tonumber(maxMessages), tonumber(maxAge), tonumber(idsMs), tonumber(maxIds)
local f, g, s, k = unpack(call('HMGET', key, 'f', 'g', 's', 'k'))
f, g, s, k = tonumber(f or 0), g or '', tonumber(s or 0), tonumber(k or 0)
local before = { f, s, k }
local function timeOf(n) return tonumber(sub(call('HGET', key, 'm' .. n), 13, 25)) end
local function heads(from, to)
  local names = {}
  for n = from + 1, to do names[#names + 1] = string.format('m%d', n) end
  return #names == 0 and {} or call('HMGET', key, unpack(names)), names
end
if o - f > maxMessages then f = o - maxMessages end
if f < o and timeOf(f + 1) + maxAge <= now then
  local low, high = f + 1, o
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if timeOf(middle) + maxAge <= now then low = middle else high = middle - 1 end
  end
  f = low
end
if f ~= before[1] then g = f == o and d or sub(call('HGET', key, 'm' .. f), 1, 12) end
local fields, bodies, names = {}, heads(s, math.min(f, s + budget))
for i, body in ipairs(bodies) do
  fields[2 * i - 1], fields[2 * i] = names[i], string.match(body, '^[^ ]* ')
end
if #fields > 0 and type(redis.pcall('HSET', key, unpack(fields))) ~= 'table' then s = s + #fields / 2 end
local function mayGo(time) return o - k > maxIds or time + idsMs <= now end
local gone, ids = {}, {}
-- Mostly not even the first may go; the others are far apart in memory, so they are not looked at before that is known.
for _, head in ipairs(k < s and mayGo(timeOf(k + 1)) and heads(k, math.min(s, k + budget)) or {}) do
  if not mayGo(tonumber(sub(head, 13, 25))) then break end
  k = k + 1
  gone[#gone + 1], ids[#ids + 1] = string.format('m%d', k), 'i' .. sub(head, 26, -2)
end
if #ids > 0 then
  for i, at in ipairs(call('HMGET', key, unpack(ids))) do if at == tostring(before[3] + i) then gone[#gone + 1] = ids[i] end end
  call('HDEL', key, unpack(gone))
end
if f ~= before[1] or s ~= before[2] or k ~= before[3] then redis.pcall('HSET', key, 'f', f, 'g', g, 's', s, 'k', k) end
`;

/**
 * KEYS: channels. ARGV from 3, for each of them: how many messages, then an id (percent-encoded) and the rest of each. Replies one text, a line a channel: the
 * epoch, then the offset, digest and whether it was known of each message, with spaces between: a table costs more than all of it. What was not told stands
 * before it, when it should not be told. A message that is known already is answered after a write too, so that its publisher can wait for the replicas.
 */
export const PUBLISH = `#!lua
${PRELUDE}
local replies, place = '', 3
for channel = 1, #KEYS do
local key, stamp = KEYS[channel], stamp
local first, last = place + 1, place + 2 * ARGV[place]
place = last + 1
local state = call('HMGET', key, 'h', 'i' .. ARGV[first])
local h, known = state[1], state[2]
${BEGIN}
local reply, count, isWritten = e, 0, true
for i = first, last, 2 do
  local id = ARGV[i]
  if i > first then known = call('HGET', key, 'i' .. id) end
  local digest
  if known then
    local idsMs, maxIds = string.match(ARGV[2], ' %d+ %d+ (%d+) (%d+)')
    local head = call('HGET', key, 'm' .. known)
    if o - known < tonumber(maxIds) and sub(head, 13, 25) + idsMs > tonumber(stamp) then digest = sub(head, 1, 12) end
  end
  if digest then
    reply = reply .. ' ' .. known .. ' ' .. digest .. ' 1'
  else
    o = o + 1
    local raw, at = id, string.format('%d', o)
    if string.find(id, '%', 1, true) then raw = string.gsub(id, '%%(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end) end
    d = sub(redis.sha1hex(d .. raw), 1, 12)
    reply = reply .. ' ' .. at .. ' ' .. d .. ' 0'
    local message = d .. stamp .. id .. ' ' .. ARGV[i + 1]
    isWritten = i + 1 == last
    if isWritten then
      call('HSET', key, 'h', stamp .. d .. at .. ' ' .. e, 'm' .. at, message, 'i' .. id, at)
    else
      call('HSET', key, 'm' .. at, message, 'i' .. id, at)
    end
    count = count + 1
    local notification = 'm' .. e .. ' ' .. at .. ' ' .. message
    if ARGV[1] == '1' then call('SPUBLISH', key, notification) else untold[#untold + 1] = notification end
  end
end
if not isWritten then call('HSET', key, 'h', stamp .. d .. string.format('%d', o) .. ' ' .. e) end
local isDue = o % 32 < count
-- Not with every message of a busy channel: a channel's life may end so little earlier that nothing that is to be kept is concerned.
if isDue or count == 0 or sub(stamp, 1, 9) ~= sub(t, 1, 9) then
  local maxAge, idsMs, idleMs = string.match(ARGV[2], ' %d+ (%d+) (%d+) %d+ (%d+)')
  call('PEXPIRE', key, math.max(maxAge, idsMs) + idleMs)
end
if isDue then
${settle('32 + 2 * count')}
end
replies = channel == 1 and reply or replies .. '\\n' .. reply
end
if ARGV[1] == '1' then return replies end
return { untold, replies }
`;

/** Looking at a channel is a use of it, and makes it when there is none. */
const LOOK = `${PRELUDE}
local h = call('HGET', key, 'h')
${BEGIN}
local idleMs = string.match(ARGV[2], '%d+$')
if h then
  call('PEXPIRE', key, idleMs, 'GT')
else
  call('HSET', key, 'h', string.rep('0', 25) .. '0 ' .. e)
  call('PEXPIRE', key, idleMs)
end
${settle('256')}
local function messages(from, to, reply)
  for first = from, to, 500 do
    for _, message in ipairs(heads(first - 1, math.min(first + 499, to))) do reply[#reply + 1] = message end
  end
  return reply
end
`;

/** Replies the position of the newest message: epoch, offset, digest. */
export const HEAD = `${LOOK}
return { untold, e, o, d }
`;

/** ARGV from 3: epoch, offset, digest, limit. Replies "messages", epoch, the first offset and the messages; or why not, and the position to go on from. */
export const READ = `${LOOK}
local offset, limit = tonumber(ARGV[4]), tonumber(ARGV[6])
if ARGV[3] ~= e then return { untold, 'epoch', e, f, g } end
if offset > o then return { untold, 'fork', e, o, d } end
if offset < f then return { untold, 'trimmed', e, f, g } end
local digest = offset == f and g or offset == o and d or sub(call('HGET', key, 'm' .. offset), 1, 12)
if digest ~= ARGV[5] then return { untold, 'fork', e, o, d } end
return messages(offset + 1, math.min(o, offset + limit), { untold, 'messages', e, offset + 1 })
`;

/** ARGV from 3: the offset before which it ends (0: the newest), limit. Replies epoch, the first offset, whether there is more, and the messages. */
export const PAGE = `${LOOK}
local before, limit = tonumber(ARGV[3]), tonumber(ARGV[4])
local last = before == 0 and o or math.min(o, before - 1)
local from = math.max(f, last - limit)
return messages(from + 1, last, { untold, e, from + 1, from > f and last > f and 1 or 0 })
`;
