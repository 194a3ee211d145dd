// Passkeys: fetches what a ceremony needs, lets the device do it, and sends the form as any other.
const encode = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function decode(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

const opened = (list) => (list || []).map((each) => ({ ...each, id: decode(each.id) }));

async function make(options) {
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    user: { ...options.user, id: decode(options.user.id) },
    excludeCredentials: opened(options.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    ...common(made),
    response: {
      clientDataJSON: encode(made.response.clientDataJSON),
      attestationObject: encode(made.response.attestationObject),
      transports: made.response.getTransports?.() || [],
    },
  };
}

async function prove(options) {
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    allowCredentials: opened(options.allowCredentials),
  };
  const got = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = got.response;
  return {
    ...common(got),
    response: {
      clientDataJSON: encode(clientDataJSON),
      authenticatorData: encode(authenticatorData),
      signature: encode(signature),
      userHandle: userHandle ? encode(userHandle) : null,
    },
  };
}

const common = (credential) => ({
  id: credential.id,
  rawId: encode(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
});

async function run(form) {
  const fields = new URLSearchParams(new FormData(form));
  const begun = await fetch(form.dataset.options, { method: "POST", body: fields });
  // Signed out meanwhile, or a second proof is due: the page itself says what to do.
  if (begun.status === 401 || begun.status === 403) return location.reload();
  if (!begun.ok) throw new Error(begun.status);
  const { token, options } = await begun.json();
  const answer = await (form.dataset.kind === "create" ? make : prove)(JSON.parse(options));
  form.elements.ceremony.value = token;
  form.elements.answer.value = JSON.stringify(answer);
  form.submit();
}

for (const form of document.querySelectorAll("form.passkey")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button"), said = form.querySelector("[role=status]");
    button.disabled = true;
    said.textContent = "";
    try {
      await run(form);
    } catch {
      said.textContent = form.dataset.failed;
    }
    button.disabled = false;
  });
}
