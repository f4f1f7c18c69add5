// sin: driver-mail
export * as driver from 'nodemailer'
