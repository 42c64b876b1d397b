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
local key = KEYS[1]
local maxMessages, maxAge, idsMs, maxIds, idleMs = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local e, o, d, f, g, t, k, s = unpack(redis.call('HMGET', key, 'e', 'o', 'd', 'f', 'g', 't', 'k', 's'))
local isNew = not e
o, d, f, g, t, k, s = tonumber(o or 0), d or '', tonumber(f or 0), g or '', tonumber(t or 0), tonumber(k or 0), tonumber(s or 0)
if now < t then now = t end
local untold = {}

local function record(n) return redis.call('HGET', key, 'm' .. n) end
local function timeOf(n) return tonumber(string.sub(record(n), 13, 25)) end

local function tell(notification)
  if ARGV[1] == '1' then redis.call('SPUBLISH', key, notification) else untold[#untold + 1] = notification end
end

local function begin()
  if not isNew then return end
  e = ARGV[2]
  redis.call('HSET', key, 'e', e)
  redis.call('PEXPIRE', key, idleMs)
end

-- Moves the floor to where the limits have it, then lets go of at most "budget" bodies and records. What can't be written for want of memory waits.
local function settle(budget)
  local floor = f
  if o - f > maxMessages then f = o - maxMessages end
  if f < o and timeOf(f + 1) + maxAge <= now then
    local low, high = f + 1, o
    while low < high do
      local middle = math.ceil((low + high) / 2)
      if timeOf(middle) + maxAge <= now then low = middle else high = middle - 1 end
    end
    f = low
  end
  if f ~= floor then g = f == o and d or string.sub(record(f), 1, 12) end
  local before = { s, k }
  while budget > 0 and s < f do
    local head = string.match(record(s + 1), '^[^ ]* ')
    if type(redis.pcall('HSET', key, 'm' .. (s + 1), head)) == 'table' then break end
    s = s + 1
    budget = budget - 1
  end
  while budget > 0 and k < s do
    local head = record(k + 1)
    if o - k <= maxIds and tonumber(string.sub(head, 13, 25)) + idsMs > now then break end
    k = k + 1
    local id = 'i' .. string.sub(head, 26, -2)
    if redis.call('HGET', key, id) == tostring(k) then redis.call('HDEL', key, 'm' .. k, id) else redis.call('HDEL', key, 'm' .. k) end
    budget = budget - 1
  end
  if f ~= floor or s ~= before[1] or k ~= before[2] then redis.pcall('HSET', key, 'f', f, 'g', g, 's', s, 'k', k) end
end

local function messages(from, to, reply)
  for first = from, to, 500 do
    local names = {}
    for n = first, math.min(first + 499, to) do names[#names + 1] = 'm' .. n end
    for _, message in ipairs(redis.call('HMGET', key, unpack(names))) do reply[#reply + 1] = message end
  end
  return reply
end
`;

/** Looking at a channel is a use of it. */
const LOOK = `${PRELUDE}
begin()
settle(256)
if not isNew then redis.call('PEXPIRE', key, idleMs, 'GT') end
`;

/**
 * ARGV from 8: an id (percent-encoded) and the rest of each message. Replies the epoch, then the offset, digest and whether it was known of each.
 * A message that is known already counts as a write too, so that its publisher can wait for the replicas.
 */
export const PUBLISH = `#!lua
${PRELUDE}
begin()
local names, known = {}, {}
for i = 8, #ARGV, 2 do names[#names + 1] = 'i' .. ARGV[i] end
for i, offset in ipairs(redis.call('HMGET', key, unpack(names))) do known[names[i]] = tonumber(offset or nil) end
local reply, fields, fresh = { untold, e }, {}, {}
local stamp = string.format('%013.0f', now)
for i = 8, #ARGV, 2 do
  local id = ARGV[i]
  local offset = known['i' .. id]
  local digest = fresh[offset]
  if offset and not digest then
    local head = record(offset)
    if o - offset < maxIds and tonumber(string.sub(head, 13, 25)) + idsMs > now then digest = string.sub(head, 1, 12) end
  end
  if digest then
    reply[#reply + 1] = offset
    reply[#reply + 1] = digest
    reply[#reply + 1] = 1
  else
    o = o + 1
    local raw = string.find(id, '%', 1, true) and string.gsub(id, '%%(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end) or id
    d = string.sub(redis.sha1hex(d .. raw), 1, 12)
    local message = d .. stamp .. id .. ' ' .. ARGV[i + 1]
    known['i' .. id], fresh[o] = o, d
    fields[#fields + 1] = 'm' .. o
    fields[#fields + 1] = message
    fields[#fields + 1] = 'i' .. id
    fields[#fields + 1] = o
    reply[#reply + 1] = o
    reply[#reply + 1] = d
    reply[#reply + 1] = 0
    tell('m' .. e .. ' ' .. o .. ' ' .. message)
  end
end
if #fields > 0 then redis.call('HSET', key, 'o', o, 'd', d, 't', now, unpack(fields)) end
if o % 8 < #fields / 4 then settle(32) end
redis.call('PEXPIRE', key, math.max(maxAge, idsMs) + idleMs)
return reply
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
local digest = offset == f and g or offset == o and d or string.sub(record(offset), 1, 12)
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
