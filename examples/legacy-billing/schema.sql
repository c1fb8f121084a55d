-- Billing as its owners keep it: an invoice per order of the order system, known by the order's number. Amounts are
-- numeric, in the one currency they have. Schema public, nothing qualified, as one wrote it then.

create sequence invoice_no_seq start 70001;

create table invoices (
  -- What stands on the paper; nobody outside billing gives it out.
  inv_no integer not null default nextval('invoice_no_seq'),
  order_no integer not null,
  cust_code character varying(5),
  -- The customer's own number for the order.
  cust_ref character varying(40),
  inv_date date,
  ship_date date,
  -- O = open, S = shipped and due.
  status character(1) not null default 'O',
  net_amt numeric(12,2) not null,
  freight_amt numeric(12,2) not null default 0,
  total_amt numeric(12,2) not null,
  paid_on date,
  constraint pk_invoices primary key (inv_no),
  constraint uq_invoices_order unique (order_no),
  constraint ck_invoices_status check (status in ('O', 'S'))
);

create table invoice_lines (
  inv_no integer not null,
  line_no smallint not null,
  item_code character varying(10) not null,
  qty integer not null,
  unit_price numeric(12,2) not null,
  disc_pct numeric(5,2) not null default 0,
  line_amt numeric(12,2) not null,
  constraint pk_invoice_lines primary key (inv_no, line_no),
  constraint fk_invoice_lines_invoices foreign key (inv_no) references invoices on delete cascade
);

-- What was paid is closed: it is credited, never changed.
create function refuse_paid() returns trigger language plpgsql as $$
begin
  raise exception 'INVOICE % IS PAID, ISSUE A CREDIT NOTE', old.inv_no;
end $$;

create trigger tr_invoices_paid before update or delete on invoices
  for each row when (old.paid_on is not null) execute function refuse_paid();
