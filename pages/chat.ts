import { ChatClient } from '../client/index.ts';
import { connectionWords, MoveStory } from './chat/connection-line.ts';
import { MessageView } from './chat/messages.ts';
import { Missed } from './chat/missed.ts';
import { memberList, nameOf, Typing } from './chat/people.ts';
import { Room } from './chat/room.ts';
import { byId, el, KeyedList, setText } from './dom.ts';

const ROOMS = ['general', 'random', 'help'];
/** How long somebody is shown to type after each sign of it, ms. */
const TYPING_MS = 4000;
/** How long a move is pointed out, ms. */
const FRESH_MS = 15_000;

const nameInput = byId('name', 'input');
nameInput.value = localStorage.getItem('name') ?? '';
nameInput.focus();
byId('join-form', 'form').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = nameInput.value.trim();
  if (name === '') return;
  localStorage.setItem('name', name);
  byId('join', 'main').hidden = true;
  byId('chat', 'div').hidden = false;
  start(name);
});

/** The chat itself, from joining on. */
function start(name: string): void {
  const client = new ChatClient({ url: location.origin, name });
  const missed = new Missed();
  const rooms = new Map<string, Room>();
  const me = () => ({ member: client.member ?? '', name });
  const view = new MessageView(byId('scroll', 'section'), byId('messages', 'ol'), byId('newest', 'button'), me);
  const members = memberList(byId('members', 'ul'), () => client.member);
  const typing = new Typing((text) => setText(byId('typing', 'p'), text));
  const links = new KeyedList<Room>(
    byId('rooms', 'ul'),
    (room) => room.name,
    (room) => roomLink(room, show),
  );
  let current = room(roomOf(location.hash) ?? 'general');

  for (const known of ROOMS) room(known);
  setText(byId('me', 'b'), name);
  watchConnection(client, missed);
  client.connect();
  show(current);

  function room(roomName: string): Room {
    const known = rooms.get(roomName);
    if (known !== undefined) return known;
    const made = new Room(client, roomName, missed, {
      changed: (changed) => {
        links.show([...rooms.values()]);
        if (changed === current) update();
      },
      typing: (where, member) => {
        const who = where.members.find((one) => one.member === member);
        if (where === current) typing.typing(member, nameOf(who ?? { member }), TYPING_MS);
      },
      stoppedTyping: (where, member) => {
        if (where === current) typing.stopped(member);
      },
    });
    rooms.set(roomName, made);
    // What can't be had is told by the connection line, and shows as an empty room.
    made.join().catch(() => {});
    return made;
  }

  function show(next: Room): void {
    current.setOpen(false);
    next.setOpen(true);
    current = next;
    history.replaceState(null, '', `#${encodeURIComponent(next.name)}`);
    typing.clear();
    setText(byId('room-title', 'h2'), `# ${next.name}`);
    byId('text', 'textarea').placeholder = `Write to #${next.name}`;
    links.show([...rooms.values()]);
    for (const link of document.querySelectorAll<HTMLElement>('.room-link')) {
      link.setAttribute('aria-current', String(link.dataset.room === next.name));
    }
    view.open(next.timeline.entries());
    update();
  }

  function update(): void {
    const people = [...current.members].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
    view.update(current.timeline.entries());
    members.show(people);
    byId('beginning', 'p').hidden = !current.complete;
    setText(byId('people-button', 'button'), `${people.length} here`);
    const unread = [...rooms.values()].reduce((sum, one) => sum + one.unread, 0);
    document.title = `${unread > 0 ? `(${unread}) ` : ''}#${current.name} · ChatCluster`;
  }

  composer(
    (text) => current.send(text),
    () => current.type(),
  );
  byId('room-form', 'form').addEventListener('submit', (event) => {
    event.preventDefault();
    const input = byId('room-name', 'input');
    const wanted = asRoom(input.value);
    input.value = '';
    if (wanted !== '') show(room(wanted));
  });
  addEventListener('pagehide', () => void client.close({ flushMs: 0 }));
  addEventListener('pageshow', ({ persisted }) => persisted && client.connect());
  const people = byId('people', 'aside');
  byId('people-button', 'button').addEventListener('click', ({ currentTarget }) => {
    (currentTarget as Element).setAttribute('aria-expanded', String(people.classList.toggle('open')));
  });
}

/** The line that shows which gateway serves one, and how the last move went. */
function watchConnection(client: ChatClient, missed: Missed): void {
  const story = new MoveStory(missed);
  const line = byId('moved', 'span');
  let stale: ReturnType<typeof setTimeout> | undefined;
  const told = () => {
    line.classList.add('fresh');
    clearTimeout(stale);
    stale = setTimeout(() => line.classList.remove('fresh'), FRESH_MS);
  };
  const show = () => {
    const { dot, text } = connectionWords(client.state, client.degraded);
    byId('connection-dot', 'span').dataset.state = dot;
    setText(byId('connection', 'span'), text);
    setText(line, story.words ?? '');
    line.classList.toggle('missed', story.words !== null && missed.count > 0);
  };
  client.on('migrated', ({ from, to }) => {
    story.moved(from, to);
    told();
    show();
  });
  // In a move the state changes first: a microtask later it is known whether it was one.
  client.on('state', (state) => {
    queueMicrotask(() => {
      if (state.kind === 'connected' && story.connected(state.gateway)) told();
      show();
    });
  });
  client.on('degraded', show);
  missed.onChange(show);
  show();
}

function composer(send: (text: string) => void, type: () => void): void {
  const text = byId('text', 'textarea');
  const form = byId('composer', 'form');
  text.addEventListener('input', () => {
    if (text.value !== '') type();
  });
  text.addEventListener('keydown', (event) => {
    // While a word is composed (Japanese, say), Enter ends the word.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (words === '') return;
    text.value = '';
    text.focus();
    send(words);
  });
}

function roomLink({ name }: Room, show: (room: Room) => void) {
  const unread = el('span', { class: 'unread' });
  const button = el(
    'button',
    { type: 'button', class: 'room-link', 'data-room': name },
    el('span', { class: 'title', text: name }),
    unread,
  );
  let room: Room | null = null;
  button.addEventListener('click', () => room !== null && show(room));
  const update = (now: Room) => {
    room = now;
    setText(unread, now.unread > 99 ? '99+' : String(now.unread));
    unread.hidden = now.unread === 0;
    unread.setAttribute('aria-label', `${now.unread} unread`);
  };
  return { element: el('li', {}, button), update };
}

const asRoom = (text: string) => text.trim().replace(/^#/, '').replace(/\s+/g, '-').toLowerCase().slice(0, 32);

function roomOf(hash: string): string | null {
  try {
    return asRoom(decodeURIComponent(hash)) || null;
  } catch {
    return null;
  }
}
