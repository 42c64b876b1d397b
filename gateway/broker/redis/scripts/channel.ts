/**
 * A channel is one hash, so that it lies in one slot and moves between the nodes of a Cluster as a whole. Its fields:
 * - `e` epoch, `o` offset of the newest message, `d` its digest, `t` when it was stored (the server's clock, ms, never backwards).
 * - `f` the floor: the history holds the offsets f + 1 to o; `g` the digest at f.
 * - `m<n>` message n: digest (12), time (13), id (percent-encoded), a space, and the rest as the gateway gave it.
 *   Below the floor only what is needed to know the id: up to and with the space.
 * - `i<id>` the offset at which that id stands.
 * - `s` up to where bodies were let go, `k` up to where records and ids were: k ≤ s ≤ f ≤ o.
 *
 * Every script of a channel begins with this. ARGV: 1 whether it tells listeners itself, 2 the epoch of a new channel, 3 messages kept,
 * 4 their age, 5 how long ids are remembered, 6 how many, 7 how long an idle channel lives; ages in ms. The reply begins with what was not told.
 */
const PRELUDE = `
local key, call = KEYS[1], redis.call
local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local untold = {}
`;

/** A new channel gets its epoch, one that is looked at lives on. */
const BEGIN = `
local isNew = not e
e, o, d, t = e or ARGV[2], tonumber(o or 0), d or '', tonumber(t or 0)
if now < t then now = t end
`;

/**
 * Moves the floor to where the limits have it, then lets go of at most so many bodies and so many records. For want of memory bodies may have to stay a while.
 * It is a block, not a function: making closures would cost every publish more than it takes.
 */
const settle = (budget: number): string => `
local maxMessages, maxAge, idsMs, maxIds = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local f, g, s, k = unpack(call('HMGET', key, 'f', 'g', 's', 'k'))
f, g, s, k = tonumber(f or 0), g or '', tonumber(s or 0), tonumber(k or 0)
local before = { f, s, k }
local function timeOf(n) return tonumber(string.sub(call('HGET', key, 'm' .. n), 13, 25)) end
local function heads(from, to)
  local names = {}
  for n = from + 1, to do names[#names + 1] = 'm' .. n end
  return #names == 0 and {} or call('HMGET', key, unpack(names))
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
if f ~= before[1] then g = f == o and d or string.sub(call('HGET', key, 'm' .. f), 1, 12) end
local fields = {}
for i, body in ipairs(heads(s, math.min(f, s + ${budget}))) do
  fields[2 * i - 1], fields[2 * i] = 'm' .. (s + i), string.match(body, '^[^ ]* ')
end
if #fields > 0 and type(redis.pcall('HSET', key, unpack(fields))) ~= 'table' then s = s + #fields / 2 end
local gone, ids = {}, {}
for _, head in ipairs(heads(k, math.min(s, k + ${budget}))) do
  if o - k - 1 < maxIds and tonumber(string.sub(head, 13, 25)) + idsMs > now then break end
  k = k + 1
  gone[#gone + 1], ids[#ids + 1] = 'm' .. k, 'i' .. string.sub(head, 26, -2)
end
if #ids > 0 then
  for i, at in ipairs(call('HMGET', key, unpack(ids))) do if at == tostring(before[3] + i) then gone[#gone + 1] = ids[i] end end
  call('HDEL', key, unpack(gone))
end
if f ~= before[1] or s ~= before[2] or k ~= before[3] then redis.pcall('HSET', key, 'f', f, 'g', g, 's', s, 'k', k) end
`;

/**
 * ARGV from 8: an id (percent-encoded) and the rest of each message. Replies the epoch, then the offset, digest and whether it was known of each.
 * A message that is known already is answered after a write too, so that its publisher can wait for the replicas.
 */
export const PUBLISH = `#!lua
${PRELUDE}
local names = { 'e', 'o', 'd', 't' }
for i = 8, #ARGV, 2 do names[#names + 1] = 'i' .. ARGV[i] end
local state = call('HMGET', key, unpack(names))
local e, o, d, t = state[1], state[2], state[3], state[4]
${BEGIN}
local reply, fields, fresh, count = { untold, e }, {}, {}, 0
-- What a number is as text is asked for once: the conversions of Lua and of redis.call are slow.
local stamp, at = string.format('%d', now), ''
for i = 8, #ARGV, 2 do
  local id = ARGV[i]
  local offset = tonumber(state[i / 2 + 1] or fresh[id])
  local digest = fresh[offset]
  if offset and not digest then
    local head = call('HGET', key, 'm' .. offset)
    if o - offset < tonumber(ARGV[6]) and tonumber(string.sub(head, 13, 25)) + ARGV[5] > now then digest = string.sub(head, 1, 12) end
  end
  local n = #reply
  if digest then
    reply[n + 1], reply[n + 2], reply[n + 3] = offset, digest, 1
  else
    o = o + 1
    local raw = id
    if string.find(id, '%', 1, true) then raw = string.gsub(id, '%%(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end) end
    d = string.sub(redis.sha1hex(d .. raw), 1, 12)
    at = string.format('%d', o)
    local message = d .. stamp .. id .. ' ' .. ARGV[i + 1]
    reply[n + 1], reply[n + 2], reply[n + 3] = o, d, 0
    fresh[id], fresh[o] = o, d
    fields[4 * count + 1], fields[4 * count + 2], fields[4 * count + 3], fields[4 * count + 4] = 'm' .. at, message, 'i' .. id, at
    count = count + 1
    local notification = 'm' .. e .. ' ' .. at .. ' ' .. message
    if ARGV[1] == '1' then call('SPUBLISH', key, notification) else untold[count] = notification end
  end
end
if count > 0 then call('HSET', key, 'e', e, 'o', at, 'd', d, 't', stamp, unpack(fields)) end
local isDue = o % 8 < count
if isDue or count == 0 or now - t > ARGV[7] / 100 then call('PEXPIRE', key, math.max(ARGV[4], ARGV[5]) + ARGV[7]) end
if isDue then
${settle(32)}
end
return reply
`;

/** Looking at a channel is a use of it, and makes it when there is none. */
const LOOK = `${PRELUDE}
local e, o, d, t = unpack(call('HMGET', key, 'e', 'o', 'd', 't'))
${BEGIN}
if isNew then
  call('HSET', key, 'e', e)
  call('PEXPIRE', key, ARGV[7])
else
  call('PEXPIRE', key, ARGV[7], 'GT')
end
${settle(256)}
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

/** ARGV from 8: epoch, offset, digest, limit. Replies "messages", epoch, the first offset and the messages; or why not, and the position to go on from. */
export const READ = `${LOOK}
local offset, limit = tonumber(ARGV[9]), tonumber(ARGV[11])
if ARGV[8] ~= e then return { untold, 'epoch', e, f, g } end
if offset > o then return { untold, 'fork', e, o, d } end
if offset < f then return { untold, 'trimmed', e, f, g } end
local digest = offset == f and g or offset == o and d or string.sub(call('HGET', key, 'm' .. offset), 1, 12)
if digest ~= ARGV[10] then return { untold, 'fork', e, o, d } end
return messages(offset + 1, math.min(o, offset + limit), { untold, 'messages', e, offset + 1 })
`;

/** ARGV from 8: the offset before which it ends (0: the newest), limit. Replies epoch, the first offset, whether there is more, and the messages. */
export const PAGE = `${LOOK}
local before, limit = tonumber(ARGV[8]), tonumber(ARGV[9])
local last = before == 0 and o or math.min(o, before - 1)
local from = math.max(f, last - limit)
return messages(from + 1, last, { untold, e, from + 1, from > f and last > f and 1 or 0 })
`;
