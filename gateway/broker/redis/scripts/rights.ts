/**
 * ARGV: a key, then commands, each as one text whose word `*` stands for the key. Replies which of them the user may not run, counted from 0.
 * A script that fails halfway for want of a right would leave half of its work behind: so this is asked before any other is run.
 */
export const RIGHTS = `
local denied = {}
if not redis.acl_check_cmd then return denied end
for i = 2, #ARGV do
  local words = {}
  for word in string.gmatch(ARGV[i], '%S+') do words[#words + 1] = word == '*' and ARGV[1] or word end
  local isKnown, isAllowed = pcall(redis.acl_check_cmd, unpack(words))
  if not (isKnown and isAllowed) then denied[#denied + 1] = i - 2 end
end
return denied
`;
