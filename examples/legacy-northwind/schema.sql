-- Northwind as its owners keep it: the columns of data/columns.txt, keys, foreign keys, and one column that somebody
-- added later (orders.po_number). Schema public, nothing qualified, as one wrote it then.

create table categories (
  category_id smallint not null,
  category_name character varying(15) not null,
  description text,
  picture bytea,
  constraint pk_categories primary key (category_id)
);

create table customers (
  customer_id character varying(5) not null,
  company_name character varying(40) not null,
  contact_name character varying(30),
  contact_title character varying(30),
  address character varying(60),
  city character varying(15),
  region character varying(15),
  postal_code character varying(10),
  country character varying(15),
  phone character varying(24),
  fax character varying(24),
  constraint pk_customers primary key (customer_id)
);

create table employees (
  employee_id smallint not null,
  last_name character varying(20) not null,
  first_name character varying(10) not null,
  title character varying(30),
  title_of_courtesy character varying(25),
  birth_date date,
  hire_date date,
  address character varying(60),
  city character varying(15),
  region character varying(15),
  postal_code character varying(10),
  country character varying(15),
  home_phone character varying(24),
  extension character varying(4),
  photo bytea,
  notes text,
  reports_to smallint,
  photo_path character varying(255),
  constraint pk_employees primary key (employee_id),
  constraint fk_employees_employees foreign key (reports_to) references employees
);

-- A sequence each for the ids that the system assigns: a number is never given twice, a failed insert leaves a gap, and
-- smallint ends at 32,767.
create sequence suppliers_supplier_id_seq as smallint;

create table suppliers (
  supplier_id smallint not null default nextval('suppliers_supplier_id_seq'),
  company_name character varying(40) not null,
  contact_name character varying(30),
  contact_title character varying(30),
  address character varying(60),
  city character varying(15),
  region character varying(15),
  postal_code character varying(10),
  country character varying(15),
  phone character varying(24),
  fax character varying(24),
  homepage text,
  constraint pk_suppliers primary key (supplier_id)
);

alter sequence suppliers_supplier_id_seq owned by suppliers.supplier_id;

create table shippers (
  shipper_id smallint not null,
  company_name character varying(40) not null,
  phone character varying(24),
  constraint pk_shippers primary key (shipper_id)
);

create table region (
  region_id smallint not null,
  region_description character varying(60) not null,
  constraint pk_region primary key (region_id)
);

create table territories (
  territory_id character varying(20) not null,
  territory_description character varying(60) not null,
  region_id smallint not null,
  constraint pk_territories primary key (territory_id),
  constraint fk_territories_region foreign key (region_id) references region
);

create table employee_territories (
  employee_id smallint not null,
  territory_id character varying(20) not null,
  constraint pk_employee_territories primary key (employee_id, territory_id),
  constraint fk_employee_territories_employees foreign key (employee_id) references employees,
  constraint fk_employee_territories_territories foreign key (territory_id) references territories
);

create sequence products_product_id_seq as smallint;

create table products (
  product_id smallint not null default nextval('products_product_id_seq'),
  product_name character varying(40) not null,
  supplier_id smallint,
  category_id smallint,
  quantity_per_unit character varying(20),
  unit_price real,
  units_in_stock smallint,
  units_on_order smallint,
  reorder_level smallint,
  discontinued integer not null,
  constraint pk_products primary key (product_id),
  constraint fk_products_suppliers foreign key (supplier_id) references suppliers,
  constraint fk_products_categories foreign key (category_id) references categories
);

alter sequence products_product_id_seq owned by products.product_id;

create sequence orders_order_id_seq as smallint;

create table orders (
  order_id smallint not null default nextval('orders_order_id_seq'),
  customer_id character varying(5),
  employee_id smallint,
  order_date date,
  required_date date,
  shipped_date date,
  ship_via smallint,
  freight real,
  ship_name character varying(40),
  ship_address character varying(60),
  ship_city character varying(15),
  ship_region character varying(15),
  ship_postal_code character varying(10),
  ship_country character varying(15),
  constraint pk_orders primary key (order_id),
  constraint fk_orders_customers foreign key (customer_id) references customers,
  constraint fk_orders_employees foreign key (employee_id) references employees,
  constraint fk_orders_shippers foreign key (ship_via) references shippers
);

alter sequence orders_order_id_seq owned by orders.order_id;

-- "The big customers want their own number on the invoice."
alter table orders add column po_number character varying(40);
create index ix_orders_po_number on orders (po_number);
create index ix_orders_customer_id on orders (customer_id);

create table order_details (
  order_id smallint not null,
  product_id smallint not null,
  unit_price real not null,
  quantity smallint not null,
  discount real not null,
  constraint pk_order_details primary key (order_id, product_id),
  constraint fk_order_details_orders foreign key (order_id) references orders,
  constraint fk_order_details_products foreign key (product_id) references products
);
