var e={name:`client-page.html`,language:`html`,pieces:[[`c`,`<!-- At the top of the head of each page. Log Center serves the file, nothing is installed. -->
`],[``,`<script async crossorigin src`],[`s`,`="http://localhost:8002/client/log-center.js"
        `],[``,`data-project`],[`s`,`="my_project" `],[``,`data-environment`],[`s`,`="production"`],[``,`><\/script>`]]};export{e as t};