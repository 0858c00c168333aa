/** Who is signed in. `session.person` is undefined while unknown, null when nobody is. */
import { api, ApiError } from '../api/client';
import type { Person } from '../api/types';

class Session {
  person = $state.raw<Person | null | undefined>(undefined);
  /** The first account is still to be made. */
  setupNeeded = $state(false);

  async load(): Promise<void> {
    try {
      this.person = (await api.session()).person;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 0) throw error;
      this.setupNeeded = (await api.setupNeeded().catch(() => ({ needed: false }))).needed;
      this.person = null;
    }
  }

  async login(email: string, password: string): Promise<void> {
    this.person = (await api.login(email, password)).person;
  }

  async logout(): Promise<void> {
    await api.logout();
    this.person = null;
  }
}

export const session = new Session();
