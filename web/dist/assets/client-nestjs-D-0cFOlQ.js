var e={name:`client-nestjs.ts`,language:`ts`,pieces:[[`c`,`// npm install log-center-0.1.0.tgz, made in clients/js of Log Center's repository, and in main.ts:
`],[`k`,`import `],[``,`{ NestFactory } `],[`k`,`from `],[`s`,`'@nestjs/core'`],[``,`;
`],[`k`,`import `],[``,`{ init } `],[`k`,`from `],[`s`,`'log-center'`],[``,`;
`],[`k`,`import `],[``,`{ install } `],[`k`,`from `],[`s`,`'log-center/nestjs'`],[``,`;
`],[`k`,`import `],[``,`{ AppModule } `],[`k`,`from `],[`s`,`'./app.module'`],[``,`;

init({ url: `],[`s`,`'http://localhost:8002'`],[``,`, project: `],[`s`,`'my_project'`],[``,`, environment: `],[`s`,`'production' `],[``,`});

`],[`k`,`const`],[``,` app = `],[`k`,`await`],[``,` NestFactory.create(AppModule);
install(app); `],[`c`,`// before microservices are connected
`],[`k`,`await`],[``,` app.listen(`],[`n`,`3000`],[``,`);`]]};export{e as t};