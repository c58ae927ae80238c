var e={name:`client-node.mjs`,language:`mjs`,pieces:[[`c`,`// npm install log-center-0.1.0.tgz, made in clients/js of Log Center's repository, and first:
`],[`k`,`import `],[``,`{ init, reportError } `],[`k`,`from `],[`s`,`'log-center'`],[``,`;

init({ `],[`s`,`url`],[``,`: `],[`s`,`'http://localhost:8002'`],[``,`, `],[`s`,`project`],[``,`: `],[`s`,`'my_project'`],[``,`, `],[`s`,`environment`],[``,`: `],[`s`,`'production' `],[``,`});

`],[`c`,`// From here on what nobody catches is reported. What you catch, you report yourself:
`],[`k`,`try `],[``,`{
  `],[`n`,`JSON`],[``,`.parse(`],[`s`,`'{'`],[``,`);
} `],[`k`,`catch `],[``,`(error) {
  reportError(error, { `],[`s`,`order`],[``,`: `],[`n`,`17 `],[``,`});
}`]]};export{e as t};