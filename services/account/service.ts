import { defineService } from '@kit/service/service'
import { config } from './config.ts'
import { loadKeys } from './keys.ts'
import { logIn } from './log-in/route.ts'
import { logOut } from './log-out/route.ts'
import { openPasswords } from './password/passwords.ts'
import { problems } from './problems.ts'
import { publishKeys } from './publish-keys/route.ts'
import { refreshSession } from './refresh-session/route.ts'
import { register } from './register/route.ts'
import { resendCode } from './resend-code/route.ts'
import { openSessions } from './session/sessions.ts'
import { showPersonal } from './show-personal/route.ts'
import { openProvider } from './sign-in-with-google/provider.ts'
import { redirectUrlAt, signInWithGoogle } from './sign-in-with-google/route.ts'
import { accounts } from './tell-accounts/facts.ts'
import { verifyEmail } from './verify-email/route.ts'

export const account = defineService({
  name: 'account',
  config,
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  facts: [accounts],
  parts: async ({ config, db, platform, log, address }) => {
    const keys = await loadKeys(config.JWT_PRIVATE_KEY, db)
    const sessions = openSessions(keys, config, platform)
    const passwords = openPasswords(config)
    const returning = {
      get redirectUrl() {
        return config.OIDC_REDIRECT_URL ?? redirectUrlAt(address())
      },
    }
    const provider =
      config.OIDC_CLIENT_ID === undefined
        ? undefined
        : openProvider(
            {
              issuer: config.OIDC_ISSUER,
              clientId: config.OIDC_CLIENT_ID,
              clientSecret: config.OIDC_CLIENT_SECRET,
              get redirectUrl() {
                return returning.redirectUrl
              },
            },
            platform.clock,
          )
    return {
      routes: [
        register(passwords, sessions),
        logIn(passwords, sessions),
        refreshSession(sessions, log),
        logOut,
        showPersonal,
        verifyEmail,
        resendCode,
        publishKeys(keys),
        ...signInWithGoogle(provider, sessions, returning),
      ],
    }
  },
})
