import { step } from '../bootstrap/progress.mjs';
import { identityOf } from '../process/identity.mjs';
import { runStores, stopStores } from '../stack/stores.mjs';
import { ApiCalls } from './api-calls.mjs';
import { appProcesses, migrateAll } from './apps.mjs';
import { closingTable } from './closing-table.mjs';
import { demoProcesses, registerDemo, untilCharging } from './demo.mjs';
import { eventLine } from './events.mjs';
import { ReadyFile } from './ready-file.mjs';
import { appEnvironment, assertPortsFree, rememberedSecrets } from './settings.mjs';
import { startTogether, stopInOrder } from './shutdown.mjs';

/** One running Busbar: its parts in the order in which they start, and stop the other way round. */
export class Busbar {
  stopping = false;
  #settings;
  #ready;
  #stores = [];
  #apps = { api: [], gateways: [], services: [] };
  #stations = [];
  #phase = Promise.resolve();

  constructor(settings) {
    this.#settings = settings;
    this.#ready = new ReadyFile(settings.state);
  }

  async start() {
    const { state, listen, apiPort, gatewayPorts } = this.#settings;
    await this.#ready.endLeftovers((text) => console.log(`· ${text}`));
    await assertPortsFree(this.#settings);
    const secrets = rememberedSecrets(state);
    const apiKey = this.#settings.givenKey ?? secrets.apiKey;
    const onEvent = (event) => {
      this.#ready.refresh();
      if (!this.stopping) console.log(eventLine(event, state));
    };

    await this.#during('bringing up PostgreSQL, NATS and Redis', async (say) => {
      const { packages, packagesOnly, storeUrls } = this.#settings;
      this.#stores = await runStores({ state, packages, packagesOnly, urls: storeUrls, onEvent, say });
    });
    const env = appEnvironment();
    const stores = Object.fromEntries(this.#stores.map(({ name, url }) => [name, url]));
    await this.#during('bringing the schemas up to date', () => migrateAll(env, stores.postgres));
    await this.#during('starting services, gateways and the API', async () => {
      this.#apps = appProcesses({ env, urls: stores, listen, apiPort, apiKey, gatewayPorts, state, onEvent });
      await startTogether([...this.#apps.services, ...this.#apps.gateways, ...this.#apps.api]);
    });
    const urls = this.#urls();
    const api = new ApiCalls(urls.api, apiKey);
    let stations = [];
    await this.#during('registering stations and a token', async () => {
      stations = await registerDemo({ api, count: this.#settings.demoStations, state });
    });
    await this.#during('waiting for a station to charge', async () => {
      const since = Date.now();
      this.#stations = demoProcesses({ stations, stationUrls: urls.stations, state, env, onEvent });
      await startTogether(this.#stations);
      await untilCharging({ api, stations, since, isOff: () => this.stopping });
    });
    if (this.stopping) return;
    this.#ready.publish(
      {
        api: urls.api,
        docs: `${urls.api}/docs`,
        stations: urls.stations,
        key: apiKey,
        ports: { api: apiPort, stations: gatewayPorts },
        stores,
        demo: stations,
        state,
        startedAt: new Date().toISOString(),
      },
      () => this.#processes(),
    );
    console.log(closingTable({ urls, key: apiKey, stations, state, stores: this.#stores }));
    console.log(`Busbar is ready: api ${urls.api} stations ${urls.stations[0]} key ${apiKey}`);
  }

  /** Everything, in order. Safe at any moment of the start: the phase under way ends first. */
  async stop() {
    if (this.stopping) return;
    this.stopping = true;
    const running = this.#processes().some(({ pid }) => pid !== null);
    if (running) console.log('· stopping');
    this.#ready.remove();
    // Stopping what is still coming up ends the phase that waits for it.
    await stopInOrder([this.#stations, this.#apps.api, this.#apps.gateways, this.#apps.services]);
    // A failed phase is reported where it is awaited; here only its end matters.
    await this.#phase.catch(() => undefined);
    await stopStores(this.#stores);
    if (running) console.log('· stopped');
  }

  async #during(text, work) {
    if (this.stopping) throw new Error('stopped while starting');
    const done = step(text);
    const said = [];
    this.#phase = work((detail) => said.push(detail));
    try {
      await this.#phase;
      done();
    } catch (error) {
      done(this.stopping ? 'stopped' : 'failed');
      throw error;
    }
  }

  #host() {
    return ['0.0.0.0', '::'].includes(this.#settings.listen) ? '127.0.0.1' : this.#settings.listen;
  }

  #urls() {
    const host = this.#host().includes(':') ? `[${this.#host()}]` : this.#host();
    return {
      api: `http://${host}:${this.#settings.apiPort}`,
      stations: this.#settings.gatewayPorts.map((port) => `ws://${host}:${port}/ocpp/`),
    };
  }

  #processes() {
    const stores = this.#stores
      .filter((store) => store.process !== null)
      .map((store) => ({ run: store.process, ports: { [store.name]: store.port } }));
    const apps = [this.#apps.services, this.#apps.gateways, this.#apps.api, this.#stations]
      .flat()
      .map((run) => ({ run, ports: run.info?.ports ?? {} }));
    return [...stores, ...apps].map(({ run, ports }) => ({
      name: run.name,
      pid: run.pid,
      startedAs: run.pid === null ? null : identityOf(run.pid),
      ports: run.pid === null ? {} : ports,
    }));
  }
}
