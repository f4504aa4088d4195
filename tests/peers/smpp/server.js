// An SMPP 3.4 server. The last digit of a number says what becomes of a message to it; see OUTCOMES.
// Usage: node server.js SYSTEM_ID PASSWORD. Prints one JSON object for each event: its port, binds, messages.
'use strict';

const smpp = require('smpp');

const [SYSTEM_ID, PASSWORD] = process.argv.slice(2);
const RECEIPT_DELAY_MS = 20;

const tell = (event) => console.log(JSON.stringify(event));

const refuse = (status) => (session, pdu) => session.send(pdu.response({ command_status: status }));

const accept = (state) => (session, pdu) => {
  const id = String(nextId++).padStart(10, '0');
  session.send(pdu.response({ message_id: id }));
  if (state && pdu.registered_delivery) {
    setTimeout(() => sendReceipt(session, pdu, id, state), RECEIPT_DELAY_MS);
  }
};

const throttleOnce = (session, pdu) => {
  const outcome = throttled.has(pdu.destination_addr) ? accept('DELIVRD') : refuse(smpp.ESME_RTHROTTLED);
  throttled.add(pdu.destination_addr);
  outcome(session, pdu);
};

const OUTCOMES = {
  0: accept('DELIVRD'),
  1: refuse(smpp.ESME_RTHROTTLED),
  2: refuse(smpp.ESME_RINVDSTADR),
  3: (session) => session.destroy(),
  4: () => {}, // never answers
  5: accept('UNDELIV'),
  6: throttleOnce,
  7: accept(''), // and never says more
  8: refuse(smpp.ESME_RMSGQFUL),
  9: refuse(smpp.ESME_RINVSRCADR),
};

const throttled = new Set();
let nextId = 1;

function sendReceipt(session, submitted, id, state) {
  if (session.closed) return;
  const [delivered, error] = state === 'DELIVRD' ? ['001', '000'] : ['000', '0A1'];
  session.deliver_sm({
    source_addr: submitted.destination_addr,
    destination_addr: submitted.source_addr,
    esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
    // as in SMPP 3.4, appendix B; many carriers repeat the text's beginning
    short_message:
      `id:${id} sub:001 dlvrd:${delivered} submit date:2601010000 done date:2601010000 ` +
      `stat:${state} err:${error} text:${submitted.short_message.message.slice(0, 60)}`,
  });
}

const server = smpp.createServer((session) => {
  for (const bind of ['bind_transmitter', 'bind_receiver', 'bind_transceiver']) {
    session.on(bind, (pdu) => {
      const known = pdu.system_id === SYSTEM_ID && pdu.password === PASSWORD;
      session.send(pdu.response(known ? { system_id: 'peer' } : { command_status: smpp.ESME_RBINDFAIL }));
      tell({ bind, known });
    });
  }
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on('error', () => {}); // the other side hung up
  session.on('submit_sm', (pdu) => {
    tell({
      from: pdu.source_addr,
      to: pdu.destination_addr,
      text: pdu.short_message.message,
      validity: pdu.validity_period,
    });
    OUTCOMES[pdu.destination_addr.slice(-1)](session, pdu);
  });
});

server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }));
process.on('SIGTERM', () => process.exit(0));
