// Made from schemas/ by `npm run schemas:generate`; not edited by hand.
import type { DomainEvent, EventType } from '../event-type.js';

/** A postal address. */
export interface Address {
  /** Street and number. */
  readonly street: string | null;
  /** City. */
  readonly city: string | null;
  /** State, province or region. */
  readonly region: string | null;
  /** Postal code, as written. */
  readonly postalCode: string | null;
  /** Name of the country, in English. */
  readonly country: string | null;
}

/** The person to speak to. Either given and family name, or the display name where splitting it would lose something. */
export interface Contact {
  /** Given name. */
  readonly givenName: string | null;
  /** Family name. */
  readonly familyName: string | null;
  /** The whole name as written, where it does not split without loss. */
  readonly displayName: string | null;
}

/** A customer, whole. */
export interface CustomerState {
  /** The customer's code, five letters given by people: ALFKI. Natural key, also legacy's id; it never changes. */
  readonly customerCode: string;
  /** Name of the company. */
  readonly companyName: string;
  /** The person to speak to; all parts null when nobody is known. */
  readonly contact: Contact;
  /** What the contact does: Sales Representative. */
  readonly contactTitle: string | null;
  /** Where the customer is. */
  readonly address: Address;
  /** Phone number, as written. */
  readonly phone: string | null;
  /** Fax number, as written. */
  readonly fax: string | null;
}

/** A customer's data changed; the whole customer as it is now. */
export interface CustomerChangedData {
  /** The customer's code, five letters given by people: ALFKI. Natural key, also legacy's id; it never changes. */
  readonly customerCode: string;
  /** Name of the company. */
  readonly companyName: string;
  /** The person to speak to; all parts null when nobody is known. */
  readonly contact: Contact;
  /** What the contact does: Sales Representative. */
  readonly contactTitle: string | null;
  /** Where the customer is. */
  readonly address: Address;
  /** Phone number, as written. */
  readonly phone: string | null;
  /** Fax number, as written. */
  readonly fax: string | null;
}

/** A customer's data changed; the whole customer as it is now. */
export const CustomerChanged: EventType<CustomerChangedData> & { readonly name: 'northwind.customer.v1.CustomerChanged' } = {
  name: 'northwind.customer.v1.CustomerChanged',
  schema: {
    "type": "record",
    "name": "CustomerChanged",
    "namespace": "northwind.customer.v1",
    "doc": "A customer's data changed; the whole customer as it is now.",
    "fields": [
      {
        "name": "customerCode",
        "doc": "The customer's code, five letters given by people: ALFKI. Natural key, also legacy's id; it never changes.",
        "type": "string"
      },
      {
        "name": "companyName",
        "doc": "Name of the company.",
        "type": "string"
      },
      {
        "name": "contact",
        "doc": "The person to speak to; all parts null when nobody is known.",
        "type": {
          "type": "record",
          "name": "Contact",
          "doc": "The person to speak to. Either given and family name, or the display name where splitting it would lose something.",
          "fields": [
            {
              "name": "givenName",
              "doc": "Given name.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "familyName",
              "doc": "Family name.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "displayName",
              "doc": "The whole name as written, where it does not split without loss.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "contactTitle",
        "doc": "What the contact does: Sales Representative.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "address",
        "doc": "Where the customer is.",
        "type": {
          "type": "record",
          "name": "Address",
          "doc": "A postal address.",
          "fields": [
            {
              "name": "street",
              "doc": "Street and number.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "city",
              "doc": "City.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "region",
              "doc": "State, province or region.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "postalCode",
              "doc": "Postal code, as written.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "country",
              "doc": "Name of the country, in English.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "phone",
        "doc": "Phone number, as written.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "fax",
        "doc": "Fax number, as written.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      }
    ]
  },
};
export type CustomerChanged = DomainEvent<'northwind.customer.v1.CustomerChanged', CustomerChangedData>;

/** A customer was read from legacy; the whole customer as legacy has it. */
export interface CustomerImportedData {
  /** Canonical id of the row in the legacy system. */
  readonly legacyId: string;
  /** The customer's code, five letters given by people: ALFKI. Natural key, also legacy's id; it never changes. */
  readonly customerCode: string;
  /** Name of the company. */
  readonly companyName: string;
  /** The person to speak to; all parts null when nobody is known. */
  readonly contact: Contact;
  /** What the contact does: Sales Representative. */
  readonly contactTitle: string | null;
  /** Where the customer is. */
  readonly address: Address;
  /** Phone number, as written. */
  readonly phone: string | null;
  /** Fax number, as written. */
  readonly fax: string | null;
}

/** A customer was read from legacy; the whole customer as legacy has it. */
export const CustomerImported: EventType<CustomerImportedData> & { readonly name: 'northwind.customer.v1.CustomerImported' } = {
  name: 'northwind.customer.v1.CustomerImported',
  schema: {
    "type": "record",
    "name": "CustomerImported",
    "namespace": "northwind.customer.v1",
    "doc": "A customer was read from legacy; the whole customer as legacy has it.",
    "fields": [
      {
        "name": "legacyId",
        "doc": "Canonical id of the row in the legacy system.",
        "type": "string"
      },
      {
        "name": "customerCode",
        "doc": "The customer's code, five letters given by people: ALFKI. Natural key, also legacy's id; it never changes.",
        "type": "string"
      },
      {
        "name": "companyName",
        "doc": "Name of the company.",
        "type": "string"
      },
      {
        "name": "contact",
        "doc": "The person to speak to; all parts null when nobody is known.",
        "type": {
          "type": "record",
          "name": "Contact",
          "doc": "The person to speak to. Either given and family name, or the display name where splitting it would lose something.",
          "fields": [
            {
              "name": "givenName",
              "doc": "Given name.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "familyName",
              "doc": "Family name.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "displayName",
              "doc": "The whole name as written, where it does not split without loss.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "contactTitle",
        "doc": "What the contact does: Sales Representative.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "address",
        "doc": "Where the customer is.",
        "type": {
          "type": "record",
          "name": "Address",
          "doc": "A postal address.",
          "fields": [
            {
              "name": "street",
              "doc": "Street and number.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "city",
              "doc": "City.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "region",
              "doc": "State, province or region.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "postalCode",
              "doc": "Postal code, as written.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "country",
              "doc": "Name of the country, in English.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "phone",
        "doc": "Phone number, as written.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "fax",
        "doc": "Fax number, as written.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      }
    ]
  },
};
export type CustomerImported = DomainEvent<'northwind.customer.v1.CustomerImported', CustomerImportedData>;

/** A customer was registered in V2. */
export interface CustomerRegisteredData {
  /** The customer's code, five letters given by people: ALFKI. Natural key, also legacy's id; it never changes. */
  readonly customerCode: string;
  /** Name of the company. */
  readonly companyName: string;
  /** The person to speak to; all parts null when nobody is known. */
  readonly contact: Contact;
  /** What the contact does: Sales Representative. */
  readonly contactTitle: string | null;
  /** Where the customer is. */
  readonly address: Address;
  /** Phone number, as written. */
  readonly phone: string | null;
  /** Fax number, as written. */
  readonly fax: string | null;
}

/** A customer was registered in V2. */
export const CustomerRegistered: EventType<CustomerRegisteredData> & { readonly name: 'northwind.customer.v1.CustomerRegistered' } = {
  name: 'northwind.customer.v1.CustomerRegistered',
  schema: {
    "type": "record",
    "name": "CustomerRegistered",
    "namespace": "northwind.customer.v1",
    "doc": "A customer was registered in V2.",
    "fields": [
      {
        "name": "customerCode",
        "doc": "The customer's code, five letters given by people: ALFKI. Natural key, also legacy's id; it never changes.",
        "type": "string"
      },
      {
        "name": "companyName",
        "doc": "Name of the company.",
        "type": "string"
      },
      {
        "name": "contact",
        "doc": "The person to speak to; all parts null when nobody is known.",
        "type": {
          "type": "record",
          "name": "Contact",
          "doc": "The person to speak to. Either given and family name, or the display name where splitting it would lose something.",
          "fields": [
            {
              "name": "givenName",
              "doc": "Given name.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "familyName",
              "doc": "Family name.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "displayName",
              "doc": "The whole name as written, where it does not split without loss.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "contactTitle",
        "doc": "What the contact does: Sales Representative.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "address",
        "doc": "Where the customer is.",
        "type": {
          "type": "record",
          "name": "Address",
          "doc": "A postal address.",
          "fields": [
            {
              "name": "street",
              "doc": "Street and number.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "city",
              "doc": "City.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "region",
              "doc": "State, province or region.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "postalCode",
              "doc": "Postal code, as written.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "country",
              "doc": "Name of the country, in English.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "phone",
        "doc": "Phone number, as written.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "fax",
        "doc": "Fax number, as written.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      }
    ]
  },
};
export type CustomerRegistered = DomainEvent<'northwind.customer.v1.CustomerRegistered', CustomerRegisteredData>;

/** A customer was removed. */
export interface CustomerRemovedData {
  /** Why, in the words of whoever did it. */
  readonly reason: string | null;
}

/** A customer was removed. */
export const CustomerRemoved: EventType<CustomerRemovedData> & { readonly name: 'northwind.customer.v1.CustomerRemoved' } = {
  name: 'northwind.customer.v1.CustomerRemoved',
  schema: {
    "type": "record",
    "name": "CustomerRemoved",
    "namespace": "northwind.customer.v1",
    "doc": "A customer was removed.",
    "fields": [
      {
        "name": "reason",
        "doc": "Why, in the words of whoever did it.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      }
    ]
  },
};
export type CustomerRemoved = DomainEvent<'northwind.customer.v1.CustomerRemoved', CustomerRemovedData>;

/** An operator put a whole customer in the place of what could not be processed; what stood still before it is closed. */
export interface CustomerRestatedData {
  /** Who restated it. */
  readonly by: string;
  /** Why, in words. */
  readonly reason: string;
  /** The whole customer from now on; null = there is none any more. */
  readonly state: CustomerState | null;
}

/** An operator put a whole customer in the place of what could not be processed; what stood still before it is closed. */
export const CustomerRestated: EventType<CustomerRestatedData> & { readonly name: 'northwind.customer.v1.CustomerRestated' } = {
  name: 'northwind.customer.v1.CustomerRestated',
  schema: {
    "type": "record",
    "name": "CustomerRestated",
    "namespace": "northwind.customer.v1",
    "doc": "An operator put a whole customer in the place of what could not be processed; what stood still before it is closed.",
    "fields": [
      {
        "name": "by",
        "doc": "Who restated it.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in words.",
        "type": "string"
      },
      {
        "name": "state",
        "doc": "The whole customer from now on; null = there is none any more.",
        "type": [
          "null",
          {
            "type": "record",
            "name": "CustomerState",
            "doc": "A customer, whole.",
            "fields": [
              {
                "name": "customerCode",
                "doc": "The customer's code, five letters given by people: ALFKI. Natural key, also legacy's id; it never changes.",
                "type": "string"
              },
              {
                "name": "companyName",
                "doc": "Name of the company.",
                "type": "string"
              },
              {
                "name": "contact",
                "doc": "The person to speak to; all parts null when nobody is known.",
                "type": {
                  "type": "record",
                  "name": "Contact",
                  "doc": "The person to speak to. Either given and family name, or the display name where splitting it would lose something.",
                  "fields": [
                    {
                      "name": "givenName",
                      "doc": "Given name.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "familyName",
                      "doc": "Family name.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "displayName",
                      "doc": "The whole name as written, where it does not split without loss.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    }
                  ]
                }
              },
              {
                "name": "contactTitle",
                "doc": "What the contact does: Sales Representative.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              },
              {
                "name": "address",
                "doc": "Where the customer is.",
                "type": {
                  "type": "record",
                  "name": "Address",
                  "doc": "A postal address.",
                  "fields": [
                    {
                      "name": "street",
                      "doc": "Street and number.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "city",
                      "doc": "City.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "region",
                      "doc": "State, province or region.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "postalCode",
                      "doc": "Postal code, as written.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "country",
                      "doc": "Name of the country, in English.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    }
                  ]
                }
              },
              {
                "name": "phone",
                "doc": "Phone number, as written.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              },
              {
                "name": "fax",
                "doc": "Fax number, as written.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              }
            ]
          }
        ],
        "default": null
      }
    ]
  },
};
export type CustomerRestated = DomainEvent<'northwind.customer.v1.CustomerRestated', CustomerRestatedData>;

/** Legacy was read and has no such customer. */
export interface CustomerVanishedData {
  /** Canonical id of the row in the legacy system. */
  readonly legacyId: string;
}

/** Legacy was read and has no such customer. */
export const CustomerVanished: EventType<CustomerVanishedData> & { readonly name: 'northwind.customer.v1.CustomerVanished' } = {
  name: 'northwind.customer.v1.CustomerVanished',
  schema: {
    "type": "record",
    "name": "CustomerVanished",
    "namespace": "northwind.customer.v1",
    "doc": "Legacy was read and has no such customer.",
    "fields": [
      {
        "name": "legacyId",
        "doc": "Canonical id of the row in the legacy system.",
        "type": "string"
      }
    ]
  },
};
export type CustomerVanished = DomainEvent<'northwind.customer.v1.CustomerVanished', CustomerVanishedData>;

/** Every event of this topic. */
export type CustomerEvent =
  | CustomerChanged
  | CustomerImported
  | CustomerRegistered
  | CustomerRemoved
  | CustomerRestated
  | CustomerVanished;
