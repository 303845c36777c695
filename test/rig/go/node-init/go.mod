module flotilla.test/rig/node-init

go 1.26
