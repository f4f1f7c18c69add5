create table note (
  id bigint generated always as identity primary key,
  topic text not null,
  text text not null constraint note_not_bad check (text <> 'bad')
);
